package lethe.kernel;

import java.util.List;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import lethe.tensor.Traced;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** {@link FusedAdamW} in plain LibTorch operations: those of its own {@code AdamW} and {@code clip_grad_norm_}. */
public final class ComposedAdamW extends AdamWState {
  /** See {@link Optimizer#adamW}. */
  public ComposedAdamW(List<Tensor> parameters, AdamWSettings settings) {
    super(Traced.LIBTORCH, parameters, settings);
  }

  @Override
  double update(long step, List<Tensor> gradients) {
    double norm = settings.clips() ? norm(gradients) : Double.NaN;
    // As clip_grad_norm_ does: a norm that is not a number makes all gradients so.
    double factor = settings.clips() ? Math.min(1, settings.maxGradNorm() / (norm + 1e-6)) : 1;
    for (int i = 0; i < gradients.size(); i++) {
      if (gradients.get(i) != null) {
        try (Scope scope = new Scope()) {
          update(i, step, gradients.get(i).to(DType.F32.scalarType()).mul(new Scalar(factor)));
        }
      }
    }
    return norm;
  }

  private void update(int i, long step, Tensor gradient) {
    double stepSize = settings.learningRate() / (1 - Math.pow(settings.beta1(), step));
    double correction = Math.sqrt(1 - Math.pow(settings.beta2(), step));
    Tensor master = masters.get(i);
    Tensor m = expAvg.get(i);
    Tensor v = expAvgSq.get(i);
    master.mul_(new Scalar(1 - settings.learningRate() * settings.weightDecay()));
    m.mul_(new Scalar(settings.beta1())).add_(gradient, new Scalar(1 - settings.beta1()));
    v.mul_(new Scalar(settings.beta2())).addcmul_(gradient, gradient, new Scalar(1 - settings.beta2()));
    Tensor denominator = v.sqrt().div_(new Scalar(correction)).add_(new Scalar(settings.epsilon()));
    master.addcdiv_(m, denominator, new Scalar(-stepSize));
    if (narrow()) {
      parameters.get(i).copy_(master);
    }
  }

  private static double norm(List<Tensor> gradients) {
    try (Scope scope = new Scope()) {
      TensorVector norms = new TensorVector();
      for (Tensor gradient : gradients) {
        if (gradient != null) {
          norms.push_back(gradient.to(DType.F32.scalarType()).norm());
        }
      }
      return norms.empty() ? 0 : torch.stack(norms).norm().item_double();
    }
  }
}
