package lethe.erase.advunlearn;

import java.util.LinkedHashMap;
import java.util.Map;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Adam (arXiv 1412.6980) with PyTorch's constants, whose state can be saved and restored by parameter name. Owns its
 * moments.
 */
final class Adam implements AutoCloseable {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPS = 1e-8;

  private final Map<String, Tensor> parameters;
  private final double lr;
  private final Map<String, Tensor> expAvg = new LinkedHashMap<>();
  private final Map<String, Tensor> expAvgSq = new LinkedHashMap<>();
  private long steps;

  Adam(Map<String, Tensor> parameters, double lr) {
    this.parameters = parameters;
    this.lr = lr;
    try (Scope scope = new Scope()) {
      parameters.forEach(
          (name, parameter) -> {
            expAvg.put(name, Scope.own(parameter.detach().mul(new Scalar(0))));
            expAvgSq.put(name, Scope.own(parameter.detach().mul(new Scalar(0))));
          });
    }
  }

  /** Moves every parameter that has a gradient. */
  void step() {
    steps++;
    double rate = lr / (1 - Math.pow(BETA1, steps));
    double rootOfCorrection = Math.sqrt(1 - Math.pow(BETA2, steps));
    try (NoGradGuard noGrad = new NoGradGuard()) {
      parameters.forEach(
          (name, parameter) -> {
            try (Scope scope = new Scope()) {
              Tensor gradient = parameter.grad();
              if (gradient.defined()) {
                Tensor m = expAvg.get(name);
                Tensor v = expAvgSq.get(name);
                m.lerp_(gradient, new Scalar(1 - BETA1));
                v.mul_(new Scalar(BETA2)).addcmul_(gradient, gradient, new Scalar(1 - BETA2));
                Tensor divisor = v.sqrt().div_(new Scalar(rootOfCorrection)).add_(new Scalar(EPS));
                parameter.addcdiv_(m, divisor, new Scalar(-rate));
              }
            }
          });
    }
  }

  long steps() {
    return steps;
  }

  /** First moments by parameter; the optimiser's own tensors. */
  Map<String, Tensor> expAvg() {
    return expAvg;
  }

  /** Second moments by parameter; the optimiser's own tensors. */
  Map<String, Tensor> expAvgSq() {
    return expAvgSq;
  }

  /** Goes on as after this many steps; the moments are restored by writing into them. */
  void restoreSteps(long done) {
    steps = done;
  }

  @Override
  public void close() {
    expAvg.values().forEach(Tensor::releaseReference);
    expAvgSq.values().forEach(Tensor::releaseReference);
  }
}
