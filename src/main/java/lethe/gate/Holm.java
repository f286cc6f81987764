package lethe.gate;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Holm's step-down procedure (Scandinavian Journal of Statistics 6, 1979): among any number of benchmarks, dependent as
 * they may be, the chance that even one is called changed although it is not stays below {@code alpha}. The gate fails a
 * build on a single row, so each row has to be right; a false discovery rate would let one in twenty of them be wrong.
 */
final class Holm {
  private Holm() {}

  /**
   * The level each test is held to, in the order of {@code pValues}: a test rejects exactly if its p-value is at most its
   * level. So an interval drawn at this level says the same as the test.
   */
  static double[] levels(double[] pValues, double alpha) {
    List<Integer> order =
        IntStream.range(0, pValues.length).boxed().sorted(Comparator.comparing(i -> pValues[i])).toList();
    double[] levels = new double[pValues.length];
    double level = 0;
    boolean rejecting = true;
    for (int rank = 0; rank < order.size(); rank++) {
      int test = order.get(rank);
      if (rejecting) {
        level = alpha / (order.size() - rank);
        rejecting = pValues[test] <= level;
      }
      levels[test] = level;
    }
    return levels;
  }
}
