package lethe.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import lethe.error.UserException;

/** Reads and writes the JSON files of checkpoints. */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          // diffusers writes -Infinity for DPM-Solver's lambda_min_clipped.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private Json() {}

  /** Reads a file that must hold one JSON object. */
  static ObjectNode readObject(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return asObject(MAPPER.readTree(in), file);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw UserException.failed(
          "%s: line %d is not JSON (%s); correct it or fetch the file again"
              .formatted(file, line, Messages.firstLine(e.getOriginalMessage())));
    } catch (IOException e) {
      throw Messages.cannotRead(file, e);
    }
  }

  /** Reads a resource beside this class. */
  static ObjectNode readResource(String name) {
    try (InputStream in = Json.class.getResourceAsStream(name)) {
      return (ObjectNode) MAPPER.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ObjectNode newObject() {
    return MAPPER.createObjectNode();
  }

  private static ObjectNode asObject(JsonNode node, Path file) {
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw UserException.failed("%s: is not a JSON object; correct it or fetch the file again".formatted(file));
  }

  /** Writes indented, as diffusers and transformers do. */
  static void write(Path file, JsonNode node) throws IOException {
    Files.writeString(file, MAPPER.writeValueAsString(node) + "\n", StandardCharsets.UTF_8);
  }
}
