package lethe.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import lethe.error.UserException;

/** The few settings of a component's configuration on which the names of its weights depend. */
record ComponentConfig(Component component, JsonNode json) {
  /** More than any model has; a larger number would fill the memory with names. */
  private static final int MOST = 1000;

  List<String> strings(String name) {
    List<String> strings = new ArrayList<>();
    for (JsonNode item : json.path(name)) {
      strings.add(item.textValue());
    }
    if (strings.isEmpty() || strings.contains(null)) {
      throw unusable(name, "a list of names");
    }
    return strings;
  }

  int integer(String name) {
    return count(name, json.path(name));
  }

  /** A setting that is one number for all levels, or a list with one for each. */
  int[] integerPerLevel(String name, int levels) {
    JsonNode value = json.path(name);
    int[] numbers = new int[levels];
    if (!value.isArray()) {
      Arrays.fill(numbers, integer(name));
      return numbers;
    }
    for (int level = 0; level < levels; level++) {
      numbers[level] = count(name, value.path(level));
    }
    return numbers;
  }

  private int count(String name, JsonNode value) {
    if (!value.isInt() || value.intValue() < 1 || value.intValue() > MOST) {
      throw unusable(name, "a whole number from 1 to %d, or one for each level".formatted(MOST));
    }
    return value.intValue();
  }

  private UserException unusable(String name, String expected) {
    return UserException.failed(
        "%s/%s: %s is %s, it must be %s; give the config that belongs to the weights"
            .formatted(
                component.folder(),
                component.configFile(),
                name,
                Messages.quoted(json.path(name).toString()),
                expected));
  }
}
