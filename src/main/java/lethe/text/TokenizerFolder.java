package lethe.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lethe.error.UserException;

/**
 * A tokenizer folder in the layout of transformers. As there, {@code tokenizer.json} wins over {@code vocab.json} and
 * {@code merges.txt}.
 *
 * @param mergesFile where the merges were read
 */
record TokenizerFolder(TokenizerFiles files, Path mergesFile) {
  static final String MERGES_VERSION = "#version";

  /**
   * @throws UserException if a file is missing, is malformed, or does not fit the others
   */
  static TokenizerFolder open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw UserException.failed(
          "%s: no such folder; give the tokenizer folder of a diffusers pipeline".formatted(folder));
    }
    Path whole = folder.resolve("tokenizer.json");
    JsonNode wholeNode = JsonFile.readOptional(whole);
    if (Files.exists(whole)) {
      JsonNode model = requireBpe(wholeNode.path("model"), whole);
      Map<String, Integer> vocabulary = vocabulary(model.path("vocab"), whole);
      return of(folder, wholeNode, vocabulary, merges(model.path("merges"), whole), whole);
    }
    Path vocabularyFile = folder.resolve("vocab.json");
    Path mergesFile = folder.resolve("merges.txt");
    Map<String, Integer> vocabulary = vocabulary(JsonFile.readObject(vocabularyFile), vocabularyFile);
    return of(folder, wholeNode, vocabulary, merges(mergesFile), mergesFile);
  }

  private static TokenizerFolder of(
      Path folder, JsonNode whole, Map<String, Integer> vocabulary, List<Merge> merges, Path mergesFile) {
    TokenizerConfig config = new TokenizerConfig(folder, whole);
    TokenizerFiles files =
        new TokenizerFiles(vocabulary, merges, config.addedTokens(vocabulary), config.special(), config.maxLength());
    return new TokenizerFolder(files, mergesFile);
  }

  private static JsonNode requireBpe(JsonNode model, Path file) {
    String type = model.path("type").asText("BPE");
    if (!type.equals("BPE")) {
      throw UserException.failed(
          "%s: holds a %s model, not CLIP's BPE; give the tokenizer that belongs to the text encoder"
              .formatted(file, type));
    }
    return model;
  }

  private static Map<String, Integer> vocabulary(JsonNode node, Path file) {
    if (!node.isObject() || node.isEmpty()) {
      throw JsonFile.damaged(file, "holds no vocabulary");
    }
    Map<String, Integer> ids = new HashMap<>();
    Set<Integer> taken = new HashSet<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      JsonNode id = entry.getValue();
      if (!id.isInt() || id.intValue() < 0 || !taken.add(id.intValue())) {
        throw JsonFile.damaged(
            file, "the id of the token '%s' is %s, not a number of its own".formatted(entry.getKey(), id));
      }
      ids.put(entry.getKey(), id.intValue());
    }
    return ids;
  }

  /** The merges of {@code tokenizer.json}: pairs, or in older files strings as in {@code merges.txt}. */
  private static List<Merge> merges(JsonNode node, Path file) {
    List<Merge> merges = new ArrayList<>();
    for (JsonNode entry : node) {
      boolean isPair = entry.size() == 2 && entry.get(0).isTextual() && entry.get(1).isTextual();
      Merge merge =
          isPair ? new Merge(entry.get(0).textValue(), entry.get(1).textValue()) : Merge.parse(entry.asText());
      if (merge == null) {
        throw JsonFile.damaged(file, "merge %d is not a pair of tokens".formatted(merges.size()));
      }
      merges.add(merge);
    }
    return merges;
  }

  private static List<Merge> merges(Path file) {
    List<String> lines = JsonFile.readText(file).lines().toList();
    List<Merge> merges = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isEmpty() || lines.get(i).startsWith(MERGES_VERSION)) {
        continue;
      }
      Merge merge = Merge.parse(lines.get(i));
      if (merge == null) {
        throw JsonFile.damaged(file, "line %d is not a pair of tokens".formatted(i + 1));
      }
      merges.add(merge);
    }
    return merges;
  }
}
