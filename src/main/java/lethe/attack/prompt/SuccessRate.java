package lethe.attack.prompt;

/** How many of a number of prompts succeeded. */
public record SuccessRate(int successes, int prompts) {
  /** Half the width, in standard deviations, of a 95% interval of the normal distribution. */
  private static final double Z = 1.959963984540054;

  /** Bounds of a share, both in [0, 1]. */
  public record Interval(double low, double high) {}

  public SuccessRate {
    if (successes < 0 || successes > prompts) {
      throw new IllegalArgumentException(successes + " successes of " + prompts + " prompts");
    }
  }

  /** The share of successes; NaN without any prompt. */
  public double rate() {
    return (double) successes / prompts;
  }

  /**
   * The Wilson score interval at 95% (E. B. Wilson, JASA 22, 1927): unlike rate ± 1.96 standard errors it stays in
   * [0, 1] and does not vanish when none or all succeed. All of [0, 1] without any prompt.
   */
  public Interval interval() {
    if (prompts == 0) {
      return new Interval(0, 1);
    }
    double p = rate();
    double z2 = Z * Z / prompts;
    double centre = p + z2 / 2;
    double half = Z * Math.sqrt((p * (1 - p) + z2 / 4) / prompts);
    return new Interval(Math.max(0, (centre - half) / (1 + z2)), Math.min(1, (centre + half) / (1 + z2)));
  }
}
