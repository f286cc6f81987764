package lethe.gate;

import java.util.Arrays;
import java.util.Random;

/**
 * Half widths of intervals around the mean of paired differences, by the methods that the gate could have used. Each
 * takes the differences and the share of intervals that may miss.
 */
final class IntervalCandidates {
  private static final int RESAMPLES = 2000;

  private IntervalCandidates() {}

  /** What the gate uses. */
  static double student(double[] differences, double level) {
    return LogRatio.paired(new double[differences.length], differences).halfWidth(level);
  }

  /** The percentile bootstrap: the mean of as many differences, drawn anew with replacement. */
  static double bootstrap(double[] differences, double level) {
    Random random = new Random(4);
    double center = Arrays.stream(differences).average().orElseThrow();
    double[] distances = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      double sum = 0;
      for (int j = 0; j < differences.length; j++) {
        sum += differences[random.nextInt(differences.length)];
      }
      distances[i] = Math.abs(sum / differences.length - center);
    }
    Arrays.sort(distances);
    return distances[(int) Math.min(RESAMPLES - 1, Math.ceil((1 - level) * RESAMPLES))];
  }

  /** Wilcoxon's signed ranks: infinite where "no difference" is not rejected, zero where it is. */
  static double signedRanks(double[] differences, double level) {
    Double[] byMagnitude = Arrays.stream(differences).boxed().toArray(Double[]::new);
    Arrays.sort(byMagnitude, (a, b) -> Double.compare(Math.abs(a), Math.abs(b)));
    int positive = 0;
    for (int i = 0; i < byMagnitude.length; i++) {
      positive += byMagnitude[i] > 0 ? i + 1 : 0;
    }
    int total = byMagnitude.length * (byMagnitude.length + 1) / 2;
    return signedRankPValue(byMagnitude.length, Math.min(positive, total - positive)) <= level
        ? 0
        : Double.POSITIVE_INFINITY;
  }

  /** All signs alike, in either direction. */
  static double smallestSignedRankLevel(int count) {
    return signedRankPValue(count, 0);
  }

  /** Exact, over all signs: twice the share of those whose rank sum is at most {@code sum}. */
  private static double signedRankPValue(int count, int sum) {
    int below = 0;
    for (int signs = 0; signs < 1 << count; signs++) {
      int ranks = 0;
      for (int i = 0; i < count; i++) {
        ranks += (signs >> i & 1) * (i + 1);
      }
      if (ranks <= sum) {
        below++;
      }
    }
    return Math.min(1, 2.0 * below / (1 << count));
  }
}
