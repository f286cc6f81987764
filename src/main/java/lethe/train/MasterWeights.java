package lethe.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Float32 masters of a network's bfloat16 weights: what is really trained, since a step is often less than bfloat16 can
 * add to a weight (mixed precision, arXiv 1710.03740, section 3.1). bfloat16 has float32's range, so no loss is scaled.
 *
 * <p>Owns the masters until it is closed; the weights stay their network's.
 */
public final class MasterWeights implements AutoCloseable {
  private final Map<String, Tensor> weights;
  private final Map<String, Tensor> masters = new LinkedHashMap<>();

  /** @param weights bfloat16, by name; need a gradient from now on */
  public MasterWeights(Map<String, Tensor> weights) {
    this.weights = weights;
    try (Scope scope = new Scope()) {
      weights.forEach((name, weight) -> masters.put(name, Scope.own(weight.detach().to(DType.F32.scalarType()))));
    }
    weights.values().forEach(weight -> weight.set_requires_grad(true));
  }

  /** Float32, by the weights' names; its own tensors. */
  public Map<String, Tensor> masters() {
    return Collections.unmodifiableMap(masters);
  }

  /** Moves the gradients of the weights to their masters. */
  public void moveGradients() {
    try (Scope scope = new Scope()) {
      weights.forEach((name, weight) -> {
        if (weight.grad().defined()) {
          masters.get(name).mutable_grad().put(weight.grad().to(DType.F32.scalarType()));
          weight.mutable_grad().reset();
        }
      });
    }
  }

  /** Rounds the masters to the weights. */
  public void round() {
    try (NoGradGuard noGrad = new NoGradGuard()) {
      weights.forEach((name, weight) -> weight.copy_(masters.get(name)));
    }
  }

  @Override
  public void close() {
    masters.values().forEach(Tensor::releaseReference);
  }
}
