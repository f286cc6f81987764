package lethe.gate;

import java.util.Map;

/**
 * A JMH unit: time per operation ({@code ms/op}) or operations per time ({@code ops/ms}).
 *
 * @param text as JMH writes it
 * @param seconds of its unit of time
 * @param throughput whether more is better
 */
record Unit(String text, double seconds, boolean throughput) {
  private static final Map<String, Double> SECONDS = Map.of(
      "ns", 1e-9, "us", 1e-6, "ms", 1e-3, "s", 1.0, "min", 60.0, "hr", 3600.0, "day", 86400.0);

  /** The unit of {@code text}, or an {@link IllegalArgumentException} for one that is no time and no throughput. */
  static Unit parse(String text) {
    String[] parts = text.split("/");
    if (parts.length == 2 && parts[0].equals("ops") && SECONDS.containsKey(parts[1])) {
      return new Unit(text, SECONDS.get(parts[1]), true);
    }
    if (parts.length == 2 && parts[1].equals("op") && SECONDS.containsKey(parts[0])) {
      return new Unit(text, SECONDS.get(parts[0]), false);
    }
    throw new IllegalArgumentException("unknown unit " + text);
  }

  /** The natural logarithm of the seconds that one operation took. */
  double logSeconds(double score) {
    return throughput ? Math.log(seconds) - Math.log(score) : Math.log(score) + Math.log(seconds);
  }

  /** The inverse of {@link #logSeconds}. */
  double score(double logSeconds) {
    return throughput ? Math.exp(Math.log(seconds) - logSeconds) : Math.exp(logSeconds - Math.log(seconds));
  }
}
