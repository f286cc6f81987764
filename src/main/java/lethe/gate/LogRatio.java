package lethe.gate;

import org.apache.commons.statistics.distribution.TDistribution;

/**
 * An estimate of the logarithm of (time of the new build / time of the base), with Student's t for its error.
 *
 * <p>Times are compared as logarithms, because noise and changes of speed multiply them. Student's t was chosen among the
 * candidates of {@code docs/regression-gate.md} by simulation: with five to ten rounds a bootstrap is too sure of itself,
 * and ranks cannot reach the small levels that many benchmarks ask for.
 *
 * @param mean positive where the new build is slower
 * @param standardError of the mean
 * @param degrees of freedom of the standard error
 */
record LogRatio(double mean, double standardError, double degrees) {
  /** The spread from fork to fork that is reckoned with where a single fork does not show it: 5%. */
  static final double SPREAD_OF_ONE_FORK = 0.05;

  /** So many degrees of freedom that Student's t is the normal distribution. */
  private static final double KNOWN_SPREAD = 1e6;

  /** Equal values in all rounds come from a coarse clock, not from a perfect one. */
  private static final double SMALLEST_ERROR = 1e-9;

  LogRatio {
    standardError = Math.max(standardError, SMALLEST_ERROR);
  }

  /** Where element i of both ran one after the other: what slows the machine for a while slows both, and cancels. */
  static LogRatio paired(double[] base, double[] candidate) {
    double[] differences = new double[base.length];
    for (int i = 0; i < base.length; i++) {
      differences[i] = candidate[i] - base[i];
    }
    double error = Math.sqrt(variance(differences) / base.length);
    return new LogRatio(mean(differences), error, base.length - 1);
  }

  /** Where the two ran apart: Welch's t, which does not suppose that both spread alike. */
  static LogRatio unpaired(double[] base, double[] candidate) {
    double mean = mean(candidate) - mean(base);
    if (base.length == 1 || candidate.length == 1) {
      double error = SPREAD_OF_ONE_FORK * Math.sqrt(1.0 / base.length + 1.0 / candidate.length);
      return new LogRatio(mean, error, KNOWN_SPREAD);
    }
    double a = variance(base) / base.length;
    double b = variance(candidate) / candidate.length;
    double degrees = (a + b) * (a + b) / (a * a / (base.length - 1) + b * b / (candidate.length - 1));
    // Both variances zero: as few degrees as either side alone would have.
    return new LogRatio(mean, Math.sqrt(a + b), a + b > 0 ? degrees : Math.min(base.length, candidate.length) - 1);
  }

  /** The two-sided p-value of "the ratio lies within a factor of exp({@code margin}) of 1". */
  double pValue(double margin) {
    double t = (Math.abs(mean) - margin) / standardError;
    return Math.min(1, 2 * TDistribution.of(degrees).survivalProbability(t));
  }

  /** Half the width of the interval that misses the truth with probability {@code level}. */
  double halfWidth(double level) {
    return standardError * TDistribution.of(degrees).inverseSurvivalProbability(level / 2);
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return sum / (values.length - 1);
  }
}
