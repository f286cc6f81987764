package lethe.model.layer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import lethe.error.UserException;

/**
 * Strict access to a component's {@code config.json}: a setting that this implementation does not know, or a value it
 * does not implement, is an error that names the component and the key. Nothing is silently ignored.
 */
public final class ConfigReader {
  private final String component;
  private final JsonNode json;
  private final Set<String> seen = new HashSet<>();

  /** @param component what messages call it, such as {@code unet/config.json} */
  public ConfigReader(String component, JsonNode json) {
    this.component = component;
    this.json = json;
  }

  public int integer(String key) {
    JsonNode value = required(key);
    if (!value.canConvertToInt() || !value.isIntegralNumber()) {
      throw invalid(key, value, "an integer");
    }
    return value.intValue();
  }

  public int integer(String key, int defaultValue) {
    return isSet(key) ? integer(key) : defaultValue;
  }

  public double number(String key, double defaultValue) {
    if (!isSet(key)) {
      return defaultValue;
    }
    JsonNode value = json.get(key);
    if (!value.isNumber()) {
      throw invalid(key, value, "a number");
    }
    return value.doubleValue();
  }

  public boolean bool(String key, boolean defaultValue) {
    if (!isSet(key)) {
      return defaultValue;
    }
    JsonNode value = json.get(key);
    if (!value.isBoolean()) {
      throw invalid(key, value, "true or false");
    }
    return value.booleanValue();
  }

  public String text(String key, String defaultValue) {
    if (!isSet(key)) {
      return defaultValue;
    }
    JsonNode value = json.get(key);
    if (!value.isTextual()) {
      throw invalid(key, value, "a string");
    }
    return value.textValue();
  }

  public int[] integers(String key) {
    JsonNode value = required(key);
    int[] result = new int[value.size()];
    for (int i = 0; i < result.length; i++) {
      if (!value.get(i).isIntegralNumber()) {
        throw invalid(key, value, "a list of integers");
      }
      result[i] = value.get(i).intValue();
    }
    if (!value.isArray() || result.length == 0) {
      throw invalid(key, value, "a list of integers");
    }
    return result;
  }

  /** A setting that may be one integer for all blocks or a list with one for each. */
  public int[] integerPerBlock(String key, int blocks, int defaultValue) {
    int[] result = new int[blocks];
    if (isSet(key) && json.get(key).isArray()) {
      result = integers(key);
      if (result.length != blocks) {
        throw invalid(key, json.get(key), "one value for each of the " + blocks + " blocks");
      }
    } else {
      Arrays.fill(result, integer(key, defaultValue));
    }
    return result;
  }

  public String[] texts(String key) {
    JsonNode value = required(key);
    String[] result = new String[value.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = value.get(i).asText();
    }
    if (!value.isArray() || result.length == 0) {
      throw invalid(key, value, "a list of strings");
    }
    return result;
  }

  /** Settings whose only implemented value is the given one (null and absence count as it). */
  public ConfigReader only(String key, Object implemented) {
    seen.add(key);
    JsonNode value = json.get(key);
    if (value == null || value.isNull()) {
      return this;
    }
    boolean same =
        implemented instanceof Number number
            ? value.isNumber() && value.doubleValue() == number.doubleValue()
            : value.asText().equals(implemented);
    if (!same) {
      throw unsupported(key, value, String.valueOf(implemented));
    }
    return this;
  }

  /** Settings that change nothing here: bookkeeping, or parameters of features that are off. */
  public ConfigReader ignore(String... keys) {
    seen.addAll(Set.of(keys));
    return this;
  }

  /** Ends the reading: every key must have been asked for, except those whose value is null, false or private. */
  public void finish() {
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      JsonNode value = field.getValue();
      boolean off = value.isNull() || (value.isBoolean() && !value.booleanValue());
      if (!off && !field.getKey().startsWith("_") && !seen.contains(field.getKey())) {
        throw UserException.failed(
            component + ": unknown setting \"" + field.getKey() + "\": " + value
                + "; Lethe runs Stable Diffusion 1.x and 2.x, check that this is such a checkpoint");
      }
    }
  }

  public UserException invalid(String key, JsonNode value, String expected) {
    return UserException.failed(component + ": \"" + key + "\" is " + value + ", expected " + expected);
  }

  private UserException unsupported(String key, JsonNode value, String implemented) {
    return UserException.failed(
        component + ": \"" + key + "\": " + value + " is not supported, only " + implemented
            + "; Lethe runs Stable Diffusion 1.x and 2.x");
  }

  private boolean isSet(String key) {
    seen.add(key);
    return json.hasNonNull(key);
  }

  private JsonNode required(String key) {
    if (!isSet(key)) {
      throw UserException.failed(component + ": \"" + key + "\" is missing; take the file from the original checkpoint");
    }
    return json.get(key);
  }
}
