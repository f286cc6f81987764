package lethe.train;

import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The moving average of weights over training steps: what is kept in the end, as diffusers' EMAModel. */
public record MovingAverage(double decay) {
  /**
   * Moves every average towards its weight. While there is little to average, it decays less.
   *
   * @param averages by name
   * @param weights by the same names, of the same shapes
   * @param done steps done before the one that made these weights
   */
  public void update(Map<String, Tensor> averages, Map<String, Tensor> weights, long done) {
    double keep = Math.min(decay, (1.0 + done) / (10.0 + done));
    try (NoGradGuard noGrad = new NoGradGuard()) {
      averages.forEach((name, average) -> average.lerp_(weights.get(name), new Scalar(1 - keep)));
    }
  }
}
