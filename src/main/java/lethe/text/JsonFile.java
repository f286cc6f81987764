package lethe.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import lethe.error.UserException;

/** Reads the JSON files of tokenizers, and phrases the errors about all of a tokenizer's files. */
final class JsonFile {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonFile() {}

  /** Reads a file that must hold one JSON object. */
  static JsonNode readObject(Path file) {
    JsonNode node;
    try {
      node = MAPPER.readTree(readText(file));
    } catch (JsonProcessingException e) {
      String reason = e.getOriginalMessage().lines().findFirst().orElse("malformed");
      String line = e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
      throw damaged(file, "is not valid JSON%s: %s".formatted(line, reason));
    }
    if (!node.isObject()) {
      throw damaged(file, "is not a JSON object");
    }
    return node;
  }

  /** As {@link #readObject}, but an absent file is an empty object. */
  static JsonNode readOptional(Path file) {
    return Files.exists(file) ? readObject(file) : JsonNodeFactory.instance.objectNode();
  }

  static String readText(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw UserException.failed("%s: no such file; fetch the tokenizer folder again, whole".formatted(file));
    } catch (MalformedInputException e) {
      throw damaged(file, "is not UTF-8 text");
    } catch (IOException e) {
      throw UserException.failed("%s: cannot be read (%s); check its permissions".formatted(file, e.getMessage()), e);
    }
  }

  static UserException damaged(Path file, String what) {
    return UserException.failed("%s: %s; fetch the file again".formatted(file, what));
  }
}
