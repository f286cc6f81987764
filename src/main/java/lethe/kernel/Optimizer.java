package lethe.kernel;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Gradient steps on a list of parameters, in place.
 *
 * <p>The parameters stay the caller's and must outlive the optimiser. Its own state, the moments and, for bfloat16
 * parameters, their float32 masters, belongs to no {@link lethe.tensor.Scope} and lives until {@link #close}.
 */
public interface Optimizer extends AutoCloseable {
  /**
   * What a run needs to go on where it stopped, beside the parameters. The tensors are the optimiser's own and change with
   * its steps: clone what is to be kept.
   *
   * @param steps done so far
   * @param expAvg first moments, float32, one for each parameter
   * @param expAvgSq second moments, likewise
   * @param masters what is really trained, float32: the parameters themselves where they are float32
   */
  record State(long steps, List<Tensor> expAvg, List<Tensor> expAvgSq, List<Tensor> masters) {}

  /**
   * AdamW with PyTorch's formulas, computed by {@code provider}.
   *
   * @param parameters contiguous, all float32 or all bfloat16
   */
  static Optimizer adamW(Provider provider, List<Tensor> parameters, AdamWSettings settings) {
    return switch (provider) {
      case NATIVE -> new FusedAdamW(parameters, settings);
      case COMPOSED -> new ComposedAdamW(parameters, settings);
    };
  }

  /**
   * One step by the gradients that the parameters hold; a parameter without one is passed over.
   *
   * @return the L2 norm of all gradients before clipping; NaN where nothing is clipped: it is not formed then
   */
  double step();

  /** The rate of the steps from now on: schedules set it before each. */
  void setLearningRate(double rate);

  /** Drops the parameters' gradients. */
  void zeroGradients();

  State state();

  /** Takes over copies of {@code state}, as one that {@link #state} gave for parameters of the same shapes. */
  void restore(State state);

  @Override
  void close();
}
