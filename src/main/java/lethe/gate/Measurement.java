package lethe.gate;

import java.util.Arrays;
import java.util.List;

/**
 * One benchmark's times.
 *
 * @param threads that called the benchmark at once
 * @param logSeconds for each fork, in the order of the rounds, the logarithm of seconds per operation of each iteration
 */
record Measurement(BenchmarkKey key, Unit unit, int threads, List<double[]> logSeconds) {
  int forks() {
    return logSeconds.size();
  }

  /**
   * One number for each fork: the median of its iterations. Iterations of one fork share its memory layout and compiled
   * code, so only forks are independent of each other; and a median does not see the one iteration that a neighbour hit.
   */
  double[] perFork() {
    return logSeconds.stream().mapToDouble(Measurement::median).toArray();
  }

  /** The typical score in the benchmark's own unit: the geometric mean over forks. */
  double score() {
    return unit.score(Arrays.stream(perFork()).average().orElseThrow());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
