package lethe.train;

/**
 * A learning rate that rises in a line, then stays or falls along half a cosine to 0: diffusers' schedules
 * {@code constant_with_warmup} and {@code cosine}.
 *
 * @param peak the highest rate
 * @param warmupSteps steps in which it rises, at least 1
 * @param steps of the whole training; where it is to fall, it reaches 0 there
 */
public record LearningRate(Shape shape, double peak, int warmupSteps, int steps) {
  /** What comes after the rise. */
  public enum Shape {
    CONSTANT,
    COSINE
  }

  /** @param done steps done before */
  public double at(long done) {
    double rate = peak * Math.min(1, (done + 1.0) / warmupSteps);
    return shape == Shape.CONSTANT ? rate : rate * (1 + Math.cos(Math.PI * Math.min(1, (double) done / steps))) / 2;
  }
}
