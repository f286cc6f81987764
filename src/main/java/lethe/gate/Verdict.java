package lethe.gate;

/** What the interval of a ratio says about the smallest effect that matters. */
public enum Verdict {
  /** All of the interval lies beyond the smallest effect: a regression. */
  SLOWER("SLOWER"),

  /** All of the interval lies beyond the smallest effect, on the good side. */
  FASTER("faster"),

  /** All of the interval lies within the smallest effect. */
  SAME("same"),

  /** The interval is too wide to tell: more rounds would narrow it. */
  UNCLEAR("unclear");

  private final String word;

  Verdict(String word) {
    this.word = word;
  }

  static Verdict of(double logLow, double logHigh, double margin) {
    if (logLow >= margin) {
      return SLOWER;
    }
    if (logHigh <= -margin) {
      return FASTER;
    }
    return logLow > -margin && logHigh < margin ? SAME : UNCLEAR;
  }

  @Override
  public String toString() {
    return word;
  }
}
