package lethe.evaluate;

/**
 * How a model is made to draw what is judged.
 *
 * @param scheduler its name, or null for the checkpoint's own
 * @param steps of the sampler
 * @param guidanceScale of classifier-free guidance
 * @param batchSize how many pictures are drawn together
 */
public record EvaluationSettings(String scheduler, int steps, double guidanceScale, int batchSize) {
  /** What the bundled models are measured with. */
  public static final EvaluationSettings DEFAULTS = new EvaluationSettings("ddim", 25, 4, 10);
}
