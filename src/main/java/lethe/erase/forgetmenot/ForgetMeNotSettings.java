package lethe.erase.forgetmenot;

import lethe.error.UserException;
import lethe.kernel.AdamWSettings;

/**
 * The settings of attention resteering, with the names and defaults of the published code.
 *
 * @param maxTrainSteps optimisation steps
 * @param trainBatchSize images in a step
 * @param learningRate constant
 * @param maxGradNorm bound on the L2 norm of all gradients together. Quirk: the published code has spent its parameter
 *     generator by the time it clips, so when the whole UNet is trained it clips nothing; {@code strict} does the same.
 * @param onlyOptimizeCrossAttention train only parameters whose name contains {@code attn2} (published: only_optimize_ca)
 * @param usePooler also steer the end-of-text positions
 * @param noRealImage start from zeros instead of an image's latent
 * @param centerCrop crop images at their centre instead of at random
 * @param resolution side of the training images, in pixels
 * @param strict reproduce the published code's quirks
 */
public record ForgetMeNotSettings(
    int maxTrainSteps,
    int trainBatchSize,
    double learningRate,
    double adamBeta1,
    double adamBeta2,
    double adamWeightDecay,
    double adamEpsilon,
    double maxGradNorm,
    boolean onlyOptimizeCrossAttention,
    boolean usePooler,
    boolean noRealImage,
    boolean centerCrop,
    int resolution,
    long seed,
    boolean strict) {

  /** The published defaults (its configs/attn.yaml), with seed 0. */
  public static final ForgetMeNotSettings DEFAULTS =
      new ForgetMeNotSettings(
          35, 1, 2e-6, 0.9, 0.999, 0.01, 1e-8, 1.0, false, true, false, false, 512, 0, false);

  public ForgetMeNotSettings {
    require(maxTrainSteps >= 1, "max-train-steps", maxTrainSteps, "at least 1");
    require(trainBatchSize >= 1, "train-batch-size", trainBatchSize, "at least 1");
    require(learningRate > 0 && learningRate < 1, "learning-rate", learningRate, "in (0, 1)");
    require(adamBeta1 >= 0 && adamBeta1 < 1, "adam-beta1", adamBeta1, "in [0, 1)");
    require(adamBeta2 >= 0 && adamBeta2 < 1, "adam-beta2", adamBeta2, "in [0, 1)");
    require(adamWeightDecay >= 0, "adam-weight-decay", adamWeightDecay, "not negative");
    require(adamEpsilon > 0, "adam-epsilon", adamEpsilon, "positive");
    require(maxGradNorm > 0, "max-grad-norm", maxGradNorm, "positive");
    require(resolution >= 1, "resolution", resolution, "positive");
  }

  /** AdamW's settings, with what is really clipped; see {@link #maxGradNorm}. */
  AdamWSettings optimizer() {
    boolean clips = !strict || onlyOptimizeCrossAttention;
    return new AdamWSettings(
        learningRate, adamBeta1, adamBeta2, adamEpsilon, adamWeightDecay, clips ? maxGradNorm : Double.POSITIVE_INFINITY);
  }

  /** Whether the parameter {@code name} is trained. */
  boolean trains(String name) {
    return !onlyOptimizeCrossAttention || name.contains("attn2");
  }

  private static void require(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw UserException.usage("--" + name + " is " + value + ", it must be " + expected);
    }
  }
}
