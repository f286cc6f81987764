package lethe.report.demo;

/**
 * How strongly every place of a picture attends to some tokens.
 *
 * @param values probabilities, row by row, height * width of them
 */
public record AttentionMap(float[] values, int height, int width) {
  public AttentionMap {
    if (values.length != height * width) {
      throw new IllegalArgumentException(values.length + " values for " + height + " x " + width + " places");
    }
  }

  /** The share of its attention that an average place gives to the tokens. */
  public double mean() {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  public double max() {
    double max = 0;
    for (float value : values) {
      max = Math.max(max, value);
    }
    return max;
  }
}
