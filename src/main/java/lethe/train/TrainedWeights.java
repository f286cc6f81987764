package lethe.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import lethe.checkpoint.SafeTensors;
import lethe.checkpoint.SavedState;
import lethe.error.UserException;
import lethe.kernel.AdamWSettings;
import lethe.kernel.Optimizer;
import lethe.kernel.Provider;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Weights in training with all that a step changes: their AdamW, their moving average, and the file from which a training
 * goes on. What a step draws is a function of the seed and its number, so no generator needs saving.
 *
 * <p>Owns the optimiser; weights and averages stay their networks'.
 */
public final class TrainedWeights implements AutoCloseable {
  private static final String STEPS = "steps";
  private static final String WEIGHT = "weight/";
  private static final String AVERAGE = "average/";
  private static final String EXP_AVG = "exp_avg/";
  private static final String EXP_AVG_SQ = "exp_avg_sq/";

  private final SavedState form;
  private final Map<String, Tensor> weights;
  private final Map<String, Tensor> averages;
  private final LearningRate rate;
  private final double emaDecay;
  private final Optimizer optimizer;

  /**
   * @param form of the file that {@link #save} writes
   * @param weights by name; need a gradient from now on
   * @param averages by the same names, of the same shapes; take over the weights' values
   * @param emaDecay of the averages
   */
  public TrainedWeights(
      SavedState form,
      Map<String, Tensor> weights,
      Map<String, Tensor> averages,
      LearningRate rate,
      AdamWSettings adamW,
      double emaDecay,
      Provider provider) {
    this.form = form;
    this.weights = weights;
    this.averages = averages;
    this.rate = rate;
    this.emaDecay = emaDecay;
    weights.values().forEach(weight -> weight.set_requires_grad(true));
    optimizer = Optimizer.adamW(provider, List.copyOf(weights.values()), adamW);
    moveAverages(0);
  }

  /** Steps done, those of earlier runs included. */
  public long steps() {
    return optimizer.state().steps();
  }

  /**
   * One step against the gradient of a loss.
   *
   * @param gradients accumulates the gradients of the loss, and returns it
   * @return the loss
   * @throws UserException if it is not finite; no weight has changed then
   */
  public double step(DoubleSupplier gradients) {
    long done = steps();
    optimizer.zeroGradients();
    double loss = gradients.getAsDouble();
    if (!Double.isFinite(loss)) {
      throw UserException.failed("step %d: the loss is %s; lower --learning-rate".formatted(done + 1, loss));
    }
    optimizer.setLearningRate(rate.at(done));
    optimizer.step();
    // While there is little to average, averages follow faster, as diffusers' EMAModel has it.
    moveAverages(Math.min(emaDecay, (1.0 + done) / (10.0 + done)));
    return loss;
  }

  private void moveAverages(double keep) {
    try (NoGradGuard noGrad = new NoGradGuard()) {
      averages.forEach((name, average) -> average.lerp_(weights.get(name), new Scalar(1 - keep)));
    }
  }

  /**
   * Replaces {@code file} by where the training stands.
   *
   * @throws UserException if it cannot be written; the old one is there still
   */
  public void save(Path file) {
    Optimizer.State state = optimizer.state();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    int i = 0;
    for (String name : weights.keySet()) {
      tensors.put(WEIGHT + name, weights.get(name));
      tensors.put(AVERAGE + name, averages.get(name));
      tensors.put(EXP_AVG + name, state.expAvg().get(i));
      tensors.put(EXP_AVG_SQ + name, state.expAvgSq().get(i));
      i++;
    }
    form.replace(file, tensors, Map.of(STEPS, String.valueOf(state.steps())));
  }

  /**
   * Goes on from what {@link #save} wrote: what follows is the same to the bit, on one thread.
   *
   * @throws UserException if the file is no saved state, or one of another training
   */
  public void resume(Path file) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        SafeTensors saved = SafeTensors.open(file)) {
      form.requireSame(file, saved);
      averages.forEach((name, average) -> average.copy_(saved.tensor(AVERAGE + name)));
      optimizer.restore(
          new Optimizer.State(
              Long.parseLong(saved.metadata().get(STEPS)),
              tensors(saved, EXP_AVG),
              tensors(saved, EXP_AVG_SQ),
              tensors(saved, WEIGHT)));
    }
  }

  private List<Tensor> tensors(SafeTensors saved, String prefix) {
    return weights.keySet().stream().map(name -> saved.tensor(prefix + name)).toList();
  }

  @Override
  public void close() {
    optimizer.close();
  }
}
