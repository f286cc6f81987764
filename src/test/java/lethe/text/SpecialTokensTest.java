package lethe.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import lethe.error.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The many ways in which tokenizer folders name special and added tokens. */
class SpecialTokensTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  static Stream<JsonNode> folders() throws IOException {
    JsonNode rows = JSON.readTree(resource("/tokenizer/special-tokens.json").toFile());
    return StreamSupport.stream(rows.spliterator(), false);
  }

  @ParameterizedTest
  @MethodSource("folders")
  void agreesWithTheReference(JsonNode row) throws IOException {
    write(row.get("files"));
    ClipTokenizer tokenizer = ClipTokenizer.load(folder);
    assertEquals(row.get("size").asInt(), tokenizer.vocabularySize());
    assertEquals(row.get("pad").asInt(), tokenizer.padId());
    for (JsonNode prompt : row.get("prompts")) {
      int[] expected = JSON.convertValue(prompt.get("ids"), int[].class);
      assertArrayEquals(expected, tokenizer.encode(prompt.get("text").asText()), prompt.toString());
    }
  }

  @Test
  void anIdThatDoesNotFitTheVocabularyIsRefused() throws IOException {
    write(JSON.readTree("{\"added_tokens.json\": {\"<cat>\": 1600}}"));
    assertRefused("added token '<cat>' has the id 1600");
  }

  @Test
  void brokenConfigurationsAreNamed() throws IOException {
    write(JSON.readTree("{\"tokenizer_config.json\": []}"));
    assertRefused("tokenizer_config.json: is not a JSON object");
    write(JSON.readTree("{\"tokenizer_config.json\": {\"bos_token\": 3}}"));
    assertRefused("tokenizer_config.json: an added or special token has no content");
    write(JSON.readTree("{\"tokenizer_config.json\": {\"model_max_length\": 1}}"));
    assertRefused("tokenizer_config.json: model_max_length is 1");
    write(JSON.readTree("{\"tokenizer_config.json\": {\"added_tokens_decoder\": {\"x\": {\"content\": \"<cat>\"}}}}"));
    assertRefused("tokenizer_config.json: 'x' is not the id");
  }

  private void assertRefused(String expected) {
    UserException e = assertThrows(UserException.class, () -> ClipTokenizer.load(folder));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertTrue(e.getMessage().startsWith(folder.toString()), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  /** Puts the files beside the vocabulary and merges of sd1-tiny. */
  private void write(JsonNode files) throws IOException {
    for (String name : new String[] {"vocab.json", "merges.txt"}) {
      Files.write(folder.resolve(name), Files.readAllBytes(resource("/golden/sd1-tiny/tokenizer/" + name)));
    }
    for (Map.Entry<String, JsonNode> file : files.properties()) {
      JSON.writeValue(folder.resolve(file.getKey()).toFile(), file.getValue());
    }
  }

  private static Path resource(String name) {
    try {
      return Path.of(SpecialTokensTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
