package lethe.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lethe.error.UserException;
import lethe.text.TokenizerFiles.SpecialTokens;

/**
 * Works out special and added tokens from {@code tokenizer_config.json}, {@code special_tokens_map.json}, {@code
 * added_tokens.json} and the list in {@code tokenizer.json}, with the precedence that transformers 5 gives them: if the
 * config has an {@code added_tokens_decoder}, the other three are not asked.
 */
final class TokenizerConfig {
  private static final String CONFIG = "tokenizer_config.json";
  private static final String ADDED_TOKENS_BY_ID = "added_tokens_decoder";

  /** In the order in which transformers adds them. */
  private static final List<String> NAMED =
      List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

  private static final List<String> EXTRA = List.of("extra_special_tokens", "additional_special_tokens");

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "bos_token", BundledVocabulary.START_OF_TEXT,
          "eos_token", BundledVocabulary.END_OF_TEXT,
          "unk_token", BundledVocabulary.END_OF_TEXT,
          "pad_token", BundledVocabulary.END_OF_TEXT);

  private final Path folder;
  private final ObjectNode config;
  private final Map<Integer, AddedToken> addedById = new TreeMap<>();

  /**
   * @param whole {@code tokenizer.json}, empty if there is none
   */
  TokenizerConfig(Path folder, JsonNode whole) {
    this.folder = folder;
    config = ((ObjectNode) JsonFile.readOptional(folder.resolve(CONFIG))).deepCopy();
    JsonNode byId = config.path(ADDED_TOKENS_BY_ID);
    if (config.has(ADDED_TOKENS_BY_ID)) {
      Path file = folder.resolve(CONFIG);
      byId.properties().forEach(entry -> addedById.put(id(entry.getKey(), file), added(entry.getValue(), file)));
    } else {
      config.setAll((ObjectNode) JsonFile.readOptional(folder.resolve("special_tokens_map.json")));
      readLegacyAddedTokens();
      Path file = folder.resolve("tokenizer.json");
      whole.path("added_tokens").forEach(node -> addedById.put(id(node.path("id").asText(), file), added(node, file)));
    }
  }

  private void readLegacyAddedTokens() {
    Path file = folder.resolve("added_tokens.json");
    List<String> special = namedAndExtra().keySet().stream().toList();
    for (Map.Entry<String, JsonNode> entry : JsonFile.readOptional(file).properties()) {
      String content = entry.getKey();
      addedById.put(
          id(entry.getValue().asText(), file), new AddedToken(content, !special.contains(content), false));
    }
  }

  /**
   * The added tokens with their ids: those of the vocabulary, and for what it lacks the next ones.
   *
   * @throws UserException if an id differs from the one that the files give
   */
  Map<AddedToken, Integer> addedTokens(Map<String, Integer> vocabulary) {
    Map<String, AddedToken> tokens = new LinkedHashMap<>();
    addedById.values().forEach(token -> tokens.put(token.content(), token));
    namedAndExtra().forEach(tokens::putIfAbsent);
    Map<AddedToken, Integer> ids = new LinkedHashMap<>();
    int next = vocabulary.size();
    for (AddedToken token : tokens.values()) {
      Integer known = vocabulary.get(token.content());
      ids.put(token, known == null ? next++ : known);
    }
    addedById.forEach((id, token) -> requireId(id, token, ids));
    return ids;
  }

  private void requireId(int id, AddedToken token, Map<AddedToken, Integer> ids) {
    if (!Integer.valueOf(id).equals(ids.get(token))) {
      throw UserException.failed(
          ("%s: the added token '%s' has the id %d in one file, but the vocabulary makes it %s;"
                  + " keep the files of one tokenizer together")
              .formatted(folder, token.content(), id, ids.get(token)));
    }
  }

  SpecialTokens special() {
    return new SpecialTokens(name("bos_token"), name("eos_token"), name("unk_token"), name("pad_token"));
  }

  /** The special tokens by content; of one that is named twice the later entry counts, as in transformers. */
  private Map<String, AddedToken> namedAndExtra() {
    Map<String, AddedToken> tokens = new LinkedHashMap<>();
    List<JsonNode> nodes = new ArrayList<>();
    for (String key : NAMED) {
      if (config.hasNonNull(key)) {
        nodes.add(config.get(key));
      } else if (DEFAULTS.containsKey(key)) {
        nodes.add(config.textNode(DEFAULTS.get(key)));
      }
    }
    EXTRA.forEach(key -> config.path(key).forEach(nodes::add));
    for (JsonNode node : nodes) {
      AddedToken token = added(node, folder.resolve(CONFIG));
      tokens.put(token.content(), token);
    }
    return tokens;
  }

  private String name(String key) {
    return config.hasNonNull(key) ? added(config.get(key), folder.resolve(CONFIG)).content() : DEFAULTS.get(key);
  }

  /** Absent, or the huge number that transformers writes for "unlimited", means CLIP's own length. */
  int maxLength() {
    JsonNode length = config.path("model_max_length");
    if (!length.isInt()) {
      return TokenizerFiles.CLIP_MAX_LENGTH;
    }
    if (length.intValue() < 2) {
      throw JsonFile.damaged(folder.resolve(CONFIG), "model_max_length is %s, below 2".formatted(length));
    }
    return length.intValue();
  }

  /** A token as configs give it: its name alone, or an object with its flags. */
  private static AddedToken added(JsonNode node, Path file) {
    JsonNode content = node.isTextual() ? node : node.path("content");
    if (!content.isTextual() || content.textValue().isEmpty()) {
      throw JsonFile.damaged(file, "an added or special token has no content");
    }
    boolean special = node.path("special").asBoolean(true);
    return new AddedToken(
        content.textValue(), node.path("normalized").asBoolean(!special), node.path("single_word").asBoolean(false));
  }

  private static int id(String text, Path file) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw JsonFile.damaged(file, "'%s' is not the id of an added token".formatted(text));
    }
  }
}
