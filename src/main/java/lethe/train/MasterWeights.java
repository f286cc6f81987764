package lethe.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Float32 masters of a network's weights: what is really trained where the network computes in bfloat16, since a step is
 * often less than bfloat16 can add to a weight (mixed precision, arXiv 1710.03740, section 3.1), and where it has
 * replicas. bfloat16 has float32's range, so no loss is scaled.
 *
 * <p>Owns the masters until it is closed; the weights stay their networks'.
 */
public final class MasterWeights implements AutoCloseable {
  private final List<Map<String, Tensor>> replicas;
  private final Map<String, Tensor> masters = new LinkedHashMap<>();

  /** @param replicas weights of equal values, by the same names; need a gradient from now on */
  public MasterWeights(List<Map<String, Tensor>> replicas) {
    this.replicas = replicas;
    try (Scope scope = new Scope()) {
      replicas
          .get(0)
          .forEach(
              (name, weight) ->
                  masters.put(name, Scope.own(weight.detach().clone().to(DType.F32.scalarType()))));
    }
    replicas.forEach(weights -> weights.values().forEach(weight -> weight.set_requires_grad(true)));
  }

  /** Float32, by the weights' names; its own tensors. */
  public Map<String, Tensor> masters() {
    return Collections.unmodifiableMap(masters);
  }

  /** Moves the gradients of the weights to their masters: the sum over all replicas. */
  public void moveGradients() {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      masters.forEach(
          (name, master) -> {
            for (Map<String, Tensor> weights : replicas) {
              moveGradient(weights.get(name), master);
            }
          });
    }
  }

  private static void moveGradient(Tensor weight, Tensor master) {
    if (!weight.grad().defined()) {
      return;
    }
    if (master.grad().defined()) {
      master.grad().add_(weight.grad());
    } else {
      master.mutable_grad().put(weight.grad().to(DType.F32.scalarType()));
    }
    weight.mutable_grad().reset();
  }

  /** Rounds the masters to the weights of every replica. */
  public void round() {
    try (NoGradGuard noGrad = new NoGradGuard()) {
      replicas.forEach(weights -> weights.forEach((name, weight) -> weight.copy_(masters.get(name))));
    }
  }

  @Override
  public void close() {
    masters.values().forEach(Tensor::releaseReference);
  }
}
