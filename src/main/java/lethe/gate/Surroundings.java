package lethe.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where results come from. Two files are comparable in full only if all of {@link #MUST_AGREE} agrees.
 *
 * @param facts what is known, by name: cpu, isa, threads, jvm, libtorch, commit and so on; texts as a reader sees them
 */
public record Surroundings(Map<String, String> facts) {
  /** A difference in one of these can make code slower without any change of it. */
  private static final List<String> MUST_AGREE =
      List.of("cpu", "cores", "isa", "threads", "jvm", "jvm_flags", "libtorch");

  /** Whether the file says more than JMH does. */
  boolean isKnown() {
    return facts.containsKey("cpu");
  }

  /** {@code cpu: X in the base, Y in the new}, for each fact that differs or that only one side has. */
  List<String> differences(Surroundings other) {
    List<String> differences = new ArrayList<>();
    for (String name : MUST_AGREE) {
      String here = facts.getOrDefault(name, "unknown");
      String there = other.facts.getOrDefault(name, "unknown");
      if (!here.equals(there)) {
        differences.add("%s: %s in the base, %s in the new".formatted(name, here, there));
      }
    }
    return differences;
  }
}
