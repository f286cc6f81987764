package lethe.cli.bench;

import java.util.List;

/**
 * How long each benchmark is measured.
 *
 * @param jmh options of JMH
 * @param python the same as options of bench/python/bench.py
 */
public record Effort(List<String> jmh, List<String> python) {
  /** As the benchmarks say themselves: three iterations of a second to warm up, and five that count. */
  public static final Effort FULL = new Effort(List.of(), List.of());

  /** For a first look. */
  public static final Effort QUICK = of(2, 3, 200);

  /** One call to warm up and {@code count} that are measured, for calls that take seconds. */
  public static Effort calls(int count) {
    return of(1, count, 1); // an iteration holds at least one call
  }

  private static Effort of(int warmups, int iterations, int milliseconds) {
    String warmup = String.valueOf(warmups);
    String measured = String.valueOf(iterations);
    String time = milliseconds + "ms";
    return new Effort(
        List.of("-f", "1", "-wi", warmup, "-w", time, "-i", measured, "-r", time),
        List.of("--warmup", warmup, "--iterations", measured, "--seconds", String.valueOf(milliseconds / 1e3)));
  }

  /** Options of JMH for a single fork. */
  public List<String> oneFork() {
    return equals(FULL) ? List.of("-f", "1") : jmh;
  }
}
