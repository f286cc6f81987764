package lethe.kernel;

/**
 * The settings of AdamW (arXiv 1711.05101), with PyTorch's meanings.
 *
 * @param weightDecay decoupled; 0 makes it Adam
 * @param maxGradNorm bound on the L2 norm of all gradients together, as of {@code clip_grad_norm_}; infinite for none
 */
public record AdamWSettings(
    double learningRate, double beta1, double beta2, double epsilon, double weightDecay, double maxGradNorm) {

  /** PyTorch's defaults, with that learning rate and without clipping. */
  public static AdamWSettings of(double learningRate) {
    return new AdamWSettings(learningRate, 0.9, 0.999, 1e-8, 0.01, Double.POSITIVE_INFINITY);
  }

  /** Adam (arXiv 1412.6980) with PyTorch's defaults, that learning rate and without clipping. */
  public static AdamWSettings adam(double learningRate) {
    return new AdamWSettings(learningRate, 0.9, 0.999, 1e-8, 0, Double.POSITIVE_INFINITY);
  }

  public AdamWSettings {
    require(learningRate >= 0 && Double.isFinite(learningRate), "learning rate", learningRate);
    require(beta1 >= 0 && beta1 < 1, "beta1", beta1);
    require(beta2 >= 0 && beta2 < 1, "beta2", beta2);
    require(epsilon >= 0 && Double.isFinite(epsilon), "epsilon", epsilon);
    require(weightDecay >= 0 && Double.isFinite(weightDecay), "weight decay", weightDecay);
    require(maxGradNorm > 0, "maximal gradient norm", maxGradNorm);
  }

  public AdamWSettings withLearningRate(double rate) {
    return new AdamWSettings(rate, beta1, beta2, epsilon, weightDecay, maxGradNorm);
  }

  /** Whether gradients are clipped at all. */
  public boolean clips() {
    return Double.isFinite(maxGradNorm);
  }

  private static void require(boolean holds, String name, double value) {
    if (!holds) {
      throw new IllegalArgumentException("AdamW: the " + name + " is " + value);
    }
  }
}
