package lethe.train.classifier;

import lethe.train.LearningRate;

/**
 * How a {@link lethe.model.classifier.ConceptClassifier} is trained.
 *
 * @param batchSize pictures in a step; of every six, one shows none of the concepts
 * @param learningRate AdamW's, at its highest
 * @param warmupSteps in which it rises to that, before it falls along a cosine to 0
 * @param weightDecay AdamW's
 * @param emaDecay of the moving average of the weights, which is what is kept
 * @param labelSmoothing share of every target that is spread over all classes, so that scores stay honest
 */
public record ClassifierSettings(
    int steps,
    int batchSize,
    double learningRate,
    int warmupSteps,
    double weightDecay,
    double emaDecay,
    double labelSmoothing,
    long seed) {
  private static final int NO_CONCEPT_EVERY = 6;

  public static final ClassifierSettings DEFAULTS = new ClassifierSettings(800, 60, 2e-3, 100, 0.02, 0.995, 0.05, 0);

  public ClassifierSettings {
    if (steps < 1 || batchSize < NO_CONCEPT_EVERY || learningRate <= 0) {
      throw new IllegalArgumentException(
          "steps " + steps + ", batch size " + batchSize + ", learning rate " + learningRate);
    }
  }

  /** How many of a batch's pictures show no concept: a multiple of their kinds. */
  int withoutConcept() {
    return batchSize / NO_CONCEPT_EVERY / NoConcept.KINDS * NoConcept.KINDS;
  }

  /** Of every step. */
  LearningRate rate() {
    return new LearningRate(LearningRate.Shape.COSINE, learningRate, warmupSteps, steps);
  }
}
