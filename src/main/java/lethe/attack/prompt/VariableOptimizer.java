package lethe.attack.prompt;

import java.util.function.Function;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** A LibTorch optimiser over one tensor whose gradient is computed by hand. Owns its state, not the tensor. */
final class VariableOptimizer implements AutoCloseable {
  private final Tensor variable;
  private final TensorVector parameters;
  private final Optimizer optimizer;

  private VariableOptimizer(Tensor variable, Function<TensorVector, Optimizer> constructor) {
    this.variable = variable;
    variable.set_requires_grad(true);
    try (Scope scope = new Scope()) {
      parameters = Scope.own(new TensorVector(variable));
      optimizer = Scope.own(constructor.apply(parameters));
    }
  }

  /**
   * Adam, which adds the decayed weights to the gradient.
   *
   * @param variable a leaf; made to need a gradient, so that the optimiser takes it
   */
  static VariableOptimizer adam(Tensor variable, double learningRate, double weightDecay) {
    return new VariableOptimizer(
        variable,
        parameters -> {
          AdamOptions options = new AdamOptions(learningRate);
          options.weight_decay().put(weightDecay);
          return new Adam(parameters, options);
        });
  }

  /** AdamW, which takes the decayed weights off the variable; else as {@link #adam}. */
  static VariableOptimizer adamW(Tensor variable, double learningRate, double weightDecay) {
    return new VariableOptimizer(
        variable,
        parameters -> {
          AdamWOptions options = new AdamWOptions(learningRate);
          options.weight_decay().put(weightDecay);
          return new AdamW(parameters, options);
        });
  }

  void step(Tensor gradient) {
    try (Scope scope = new Scope()) {
      variable.mutable_grad().put(gradient);
      optimizer.step();
    }
  }

  @Override
  public void close() {
    optimizer.releaseReference();
    parameters.releaseReference();
  }
}
