package lethe.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lethe.error.UserException;

/** An object of a JSON file that knows where it stands, so that what is wrong with it can be said in one line. */
public final class JsonObject {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final String file;
  private final String mend;
  private final String path; // "" at the root, else "concepts[3]."
  private final ObjectNode node;

  private JsonObject(String file, String mend, String path, ObjectNode node) {
    this.file = file;
    this.mend = mend;
    this.path = path;
    this.node = node;
  }

  /**
   * Reads a file that holds one object.
   *
   * @param mend how the user mends a wrong file, as the end of an error's line
   * @throws UserException if there is no such file, or it is not a JSON object
   */
  public static JsonObject read(Path file, String mend) {
    try (InputStream in = Files.newInputStream(file)) {
      return read(file.toString(), in, mend);
    } catch (NoSuchFileException e) {
      throw UserException.failed("%s: no such file; %s".formatted(file, mend), e);
    } catch (IOException e) {
      throw UserException.failed("%s: cannot be read (%s); check its permissions".formatted(file, e.getMessage()), e);
    }
  }

  /** As {@link #read(Path, String)}, of a stream that messages call {@code name}. */
  public static JsonObject read(String name, InputStream in, String mend) throws IOException {
    try {
      if (MAPPER.readTree(in) instanceof ObjectNode object) {
        return new JsonObject(name, mend, "", object);
      }
      throw UserException.failed("%s: is not a JSON object; %s".formatted(name, mend));
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw UserException.failed("%s: line %d is not JSON; %s".formatted(name, line, mend), e);
    }
  }

  /** Refuses keys other than these. */
  public JsonObject only(String... known) {
    Set<String> allowed = Set.of(known);
    for (String key : keys()) {
      if (!allowed.contains(key)) {
        throw wrong(key, "is not known; expected " + String.join(", ", known));
      }
    }
    return this;
  }

  /** The keys, in the file's order. */
  public List<String> keys() {
    return node.properties().stream().map(Map.Entry::getKey).toList();
  }

  public boolean has(String key) {
    return node.hasNonNull(key);
  }

  public String text(String key) {
    JsonNode value = required(key);
    if (!value.isTextual()) {
      throw wrong(key, "is not a text");
    }
    return value.textValue();
  }

  public int integer(String key) {
    JsonNode value = required(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw wrong(key, "is not a whole number");
    }
    return value.intValue();
  }

  public long longInteger(String key) {
    JsonNode value = required(key);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong(key, "is not a whole number");
    }
    return value.longValue();
  }

  public double number(String key) {
    JsonNode value = required(key);
    if (!value.isNumber()) {
      throw wrong(key, "is not a number");
    }
    return value.doubleValue();
  }

  /** A list of texts, which may be empty. */
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : array(key)) {
      if (!item.isTextual()) {
        throw wrong(key, "holds something other than texts");
      }
      texts.add(item.textValue());
    }
    return List.copyOf(texts);
  }

  public JsonObject object(String key) {
    if (required(key) instanceof ObjectNode object) {
      return new JsonObject(file, mend, path + key + ".", object);
    }
    throw wrong(key, "is not an object");
  }

  /** A list of objects, which may be empty. */
  public List<JsonObject> objects(String key) {
    List<JsonObject> objects = new ArrayList<>();
    for (JsonNode item : array(key)) {
      if (!(item instanceof ObjectNode object)) {
        throw wrong(key, "holds something other than objects");
      }
      objects.add(new JsonObject(file, mend, "%s%s[%d].".formatted(path, key, objects.size()), object));
    }
    return List.copyOf(objects);
  }

  /** The error that the value at {@code key} is not what it should be: {@code wrong("seed", "is negative")}. */
  public UserException wrong(String key, String what) {
    return UserException.failed("%s: %s%s %s; %s".formatted(file, path, key, what, mend));
  }

  private JsonNode array(String key) {
    JsonNode value = required(key);
    if (!value.isArray()) {
      throw wrong(key, "is not a list");
    }
    return value;
  }

  private JsonNode required(String key) {
    if (!has(key)) {
      throw wrong(key, "is missing");
    }
    return node.get(key);
  }
}
