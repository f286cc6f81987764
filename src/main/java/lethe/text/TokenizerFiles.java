package lethe.text;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.error.UserException;

/**
 * What a tokenizer folder says.
 *
 * @param vocabulary id of every token, added ones included
 * @param merges the most urgent first
 */
record TokenizerFiles(
    Map<String, Integer> vocabulary,
    List<BytePairEncoder.Pair> merges,
    List<AddedToken> addedTokens,
    String bosToken,
    String eosToken,
    String unknownToken,
    String padToken,
    int maxLength) {
  static final String START_OF_TEXT = "<|startoftext|>";
  static final String END_OF_TEXT = "<|endoftext|>";
  static final int CLIP_MAX_LENGTH = 77;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Reads vocab.json and merges.txt, or tokenizer.json alone; special tokens from whatever names them. */
  static TokenizerFiles read(Path folder) {
    Path vocabularyFile = folder.resolve("vocab.json");
    Path mergesFile = folder.resolve("merges.txt");
    JsonNode fast = optional(folder.resolve("tokenizer.json"));
    boolean separate = Files.exists(vocabularyFile) || Files.exists(mergesFile) || fast.isMissingNode();
    Path source = separate ? mergesFile : folder.resolve("tokenizer.json");
    Map<String, Integer> vocabulary =
        separate ? vocabulary(json(vocabularyFile), vocabularyFile) : vocabulary(fast.at("/model/vocab"), source);
    List<BytePairEncoder.Pair> merges =
        separate ? BundledVocabulary.parseMerges(lines(mergesFile), source) : merges(fast.at("/model/merges"), source);

    JsonNode config = optional(folder.resolve("tokenizer_config.json"));
    JsonNode specials = optional(folder.resolve("special_tokens_map.json"));
    Map<String, AddedToken> added = new LinkedHashMap<>();
    fast.path("added_tokens").forEach(token -> put(added, token.path("id").asInt(-1), token));
    config.path("added_tokens_decoder").properties().forEach(e -> put(added, Integer.parseInt(e.getKey()), e.getValue()));
    optional(folder.resolve("added_tokens.json"))
        .properties()
        .forEach(e -> added.putIfAbsent(e.getKey(), new AddedToken(e.getValue().asInt(), e.getKey(), false)));
    added.forEach((content, token) -> vocabulary.putIfAbsent(content, token.id()));

    String bos = special(config, specials, "bos_token", START_OF_TEXT);
    String eos = special(config, specials, "eos_token", END_OF_TEXT);
    String unknown = special(config, specials, "unk_token", END_OF_TEXT);
    String pad = special(config, specials, "pad_token", END_OF_TEXT);
    for (String token : List.of(bos, eos, unknown, pad)) {
      Integer id = vocabulary.get(token);
      if (id == null) {
        throw UserException.failed(
            folder + ": the special token \"" + token + "\" is not in the vocabulary; take the folder from the original"
                + " checkpoint");
      }
      added.putIfAbsent(token, new AddedToken(id, token, false));
    }
    for (BytePairEncoder.Pair pair : merges) {
      if (!vocabulary.containsKey(pair.merged())) {
        throw UserException.failed(
            source + ": the merge \"" + pair.left() + " " + pair.right() + "\" gives a token that the vocabulary lacks;"
                + " take both files from the same checkpoint");
      }
    }
    // Folders written by old versions say 1e30 for "no limit": CLIP's positions are the limit.
    double length = config.path("model_max_length").asDouble(CLIP_MAX_LENGTH);
    int maxLength = length >= 3 && length <= CLIP_MAX_LENGTH ? (int) length : CLIP_MAX_LENGTH;
    return new TokenizerFiles(vocabulary, merges, List.copyOf(added.values()), bos, eos, unknown, pad, maxLength);
  }

  int id(String token) {
    return vocabulary.get(token);
  }

  /** Tokens by id; null where no token has the id. */
  String[] tokensById() {
    int size = 1 + vocabulary.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    String[] tokens = new String[size];
    vocabulary.forEach((token, id) -> tokens[id] = token);
    return tokens;
  }

  private static void put(Map<String, AddedToken> added, int id, JsonNode token) {
    String content = token.path("content").asText();
    added.putIfAbsent(content, new AddedToken(id, content, token.path("normalized").asBoolean(false)));
  }

  /** A special token is written as a string or as an object with its content. */
  private static String special(JsonNode config, JsonNode specials, String key, String defaultToken) {
    for (JsonNode holder : List.of(config, specials)) {
      JsonNode value = holder.path(key);
      String text = value.isObject() ? value.path("content").asText(null) : value.asText(null);
      if (text != null && !value.isNull()) {
        return text;
      }
    }
    return defaultToken;
  }

  private static Map<String, Integer> vocabulary(JsonNode json, Path file) {
    if (!json.isObject() || json.isEmpty()) {
      throw UserException.failed(file + ": holds no vocabulary; take the file from the original checkpoint");
    }
    Map<String, Integer> vocabulary = new HashMap<>();
    json.properties()
        .forEach(
            entry -> {
              JsonNode id = entry.getValue();
              if (!id.canConvertToInt() || !id.isIntegralNumber() || id.intValue() < 0) {
                throw UserException.failed(
                    file + ": the token \"" + entry.getKey() + "\" has the id " + id
                        + ", expected a whole number; take the file from the original checkpoint");
              }
              vocabulary.put(entry.getKey(), id.intValue());
            });
    return vocabulary;
  }

  /** tokenizer.json writes a merge as two strings, or in older versions as one with a space. */
  private static List<BytePairEncoder.Pair> merges(JsonNode json, Path file) {
    List<String> lines = new ArrayList<>();
    json.forEach(merge -> lines.add(merge.isArray() ? merge.path(0).asText() + " " + merge.path(1).asText() : merge.asText()));
    return BundledVocabulary.parseMerges(lines, file);
  }

  private static JsonNode optional(Path file) {
    return Files.exists(file) ? json(file) : MissingNode.getInstance();
  }

  private static JsonNode json(Path file) {
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JacksonException e) {
      throw UserException.failed(
          file + ": is not JSON (" + e.getOriginalMessage() + "); take the file from the original checkpoint", e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static UserException unreadable(Path file, IOException cause) {
    return UserException.failed(file + ": cannot be read; take the tokenizer folder from the original checkpoint", cause);
  }
}
