package lethe.cli.doctor;

import java.util.LinkedHashMap;
import java.util.Map;
import lethe.error.UserException;

/**
 * What was found out about one thing.
 *
 * @param name as JSON names it: {@code libtorch}
 * @param facts texts, numbers, truth values, lists and maps of them, by their names, in reading order; byte counts have
 *     names that end in {@code _bytes}
 * @param problem why nothing works without mending this, in one line; null if it works
 */
public record Section(String name, Map<String, Object> facts, String problem) {
  /** Collects facts; may throw whatever the thing it looks at throws. */
  @FunctionalInterface
  interface Probe {
    void collect(Map<String, Object> facts) throws Exception;
  }

  /** Runs {@code probe}; an error becomes the section's problem, with the facts that were found before it. */
  static Section of(String name, Probe probe) {
    Map<String, Object> facts = new LinkedHashMap<>();
    try {
      probe.collect(facts);
      return new Section(name, facts, null);
    } catch (Exception | LinkageError e) {
      String text = (e instanceof UserException ? e.getMessage() : e.toString()).lines().findFirst().orElse("");
      return new Section(name, facts, text);
    }
  }
}
