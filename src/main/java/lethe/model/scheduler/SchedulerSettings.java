package lethe.model.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import lethe.error.UserException;

/** The settings of one scheduler: what the config gives, else the defaults of its class. */
final class SchedulerSettings {
  private final SchedulerClass type;
  private final Map<String, Object> defaults;
  private final Map<String, JsonNode> given;

  SchedulerSettings(SchedulerClass type, Map<String, JsonNode> given) {
    this.type = type;
    this.defaults = type.defaults();
    this.given = given;
  }

  SchedulerClass type() {
    return type;
  }

  /** A switch; off where the class does not have it, whatever the config says. */
  boolean flag(String key) {
    if (!defaults.containsKey(key)) {
      return false;
    }
    return read(key, JsonNode::isBoolean, "true or false")
        .map(JsonNode::booleanValue)
        .orElseGet(() -> (Boolean) defaults.get(key));
  }

  int integer(String key) {
    return read(key, node -> node.isIntegralNumber() && node.canConvertToInt(), "an integer")
        .map(JsonNode::intValue)
        .orElseGet(() -> ((Number) defaults.get(key)).intValue());
  }

  double number(String key) {
    return optionalNumber(key).orElseGet(() -> ((Number) defaults.get(key)).doubleValue());
  }

  OptionalDouble optionalNumber(String key) {
    Optional<JsonNode> node = read(key, JsonNode::isNumber, "a number");
    return node.isPresent() ? OptionalDouble.of(node.get().doubleValue()) : OptionalDouble.empty();
  }

  /** An array of numbers, or null where the config has none. */
  double[] numbers(String key) {
    return read(key, SchedulerSettings::isNumberArray, "an array of numbers")
        .map(SchedulerSettings::toDoubles)
        .orElse(null);
  }

  /** One of {@code choices}, found by the name that {@code configName} gives it. */
  <T> T choice(String key, T[] choices, Function<T, String> configName) {
    String text = text(key);
    return Arrays.stream(choices)
        .filter(choice -> configName.apply(choice).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                wrong(key, Arrays.stream(choices).map(configName).collect(Collectors.joining(", ", "one of ", ""))));
  }

  String text(String key) {
    return read(key, JsonNode::isTextual, "a string")
        .map(JsonNode::textValue)
        .orElseGet(() -> (String) defaults.get(key));
  }

  /** Refuses values of {@code keys} that differ from the class's default: variants that are not implemented. */
  void onlyDefaults(String... keys) {
    for (String key : keys) {
      JsonNode value = given.get(key);
      Object byDefault = defaults.get(key);
      if (value != null && !value.asText().equals(String.valueOf(byDefault))) {
        throw wrong(key, byDefault == null ? "absent" : byDefault.toString());
      }
    }
  }

  /** The error for a value that is there but cannot be used. */
  UserException wrong(String key, String expected) {
    return UserException.failed(
        SchedulerConfig.FILE + ": \"" + key + "\" must be " + expected + " for " + type.className() + ", got "
            + (given.containsKey(key) ? given.get(key) : defaults.get(key)));
  }

  private Optional<JsonNode> read(String key, Predicate<JsonNode> isValid, String expected) {
    JsonNode value = given.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!isValid.test(value)) {
      throw wrong(key, expected);
    }
    return Optional.of(value);
  }

  private static boolean isNumberArray(JsonNode node) {
    if (!node.isArray()) {
      return false;
    }
    for (JsonNode element : node) {
      if (!element.isNumber()) {
        return false;
      }
    }
    return true;
  }

  private static double[] toDoubles(JsonNode array) {
    double[] values = new double[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).doubleValue();
    }
    return values;
  }
}
