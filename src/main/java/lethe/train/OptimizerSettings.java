package lethe.train;

import java.util.LinkedHashMap;
import java.util.Map;
import lethe.checkpoint.SavedState;
import lethe.kernel.AdamWSettings;
import lethe.kernel.Provider;
import org.bytedeco.pytorch.Tensor;

/**
 * What every training has.
 *
 * @param rate of the steps
 * @param weightDecay AdamW's
 * @param maxGradNorm bound on the norm of all gradients together
 * @param emaDecay of the moving average of the weights
 * @param batchSize images in a step
 * @param seed of weights and draws
 */
public record OptimizerSettings(
    LearningRate rate, double weightDecay, double maxGradNorm, double emaDecay, int batchSize, long seed) {
  /**
   * Weights that are trained with these settings.
   *
   * @param command that trains them
   * @param identity what a run that goes on must have in common with the one that was saved
   */
  public TrainedWeights trained(
      String command,
      Map<String, String> identity,
      Map<String, Tensor> weights,
      Map<String, Tensor> averages,
      Provider provider) {
    SavedState form = new SavedState(command, "'" + command + "'", identity);
    return new TrainedWeights(form, weights, averages, rate, adamW(), emaDecay, provider);
  }

  /** AdamW's own settings, with the first step's rate. */
  private AdamWSettings adamW() {
    AdamWSettings base = AdamWSettings.of(rate.at(0));
    return new AdamWSettings(
        base.learningRate(), base.beta1(), base.beta2(), base.epsilon(), weightDecay, maxGradNorm);
  }

  /** What a run that goes on must repeat to end in the same bits; its rate and length may be others. */
  public Map<String, String> identity() {
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put("train-batch-size", String.valueOf(batchSize));
    identity.put("seed", String.valueOf(seed));
    return identity;
  }
}
