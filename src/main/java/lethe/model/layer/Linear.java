package lethe.model.layer;

import lethe.profile.KernelEvent;
import lethe.profile.Work;
import lethe.tensor.Traced;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** {@code y = x W^T + b}, x: [..., in], y: [..., out]. */
public final class Linear {
  private final Tensor weight;
  private final Tensor bias;

  private Linear(Tensor weight, Tensor bias) {
    this.weight = weight;
    this.bias = bias;
  }

  public static Linear of(WeightReader weights, long in, long out) {
    return new Linear(weights.take("weight", out, in), weights.take("bias", out));
  }

  public static Linear withoutBias(WeightReader weights, long in, long out) {
    return new Linear(weights.take("weight", out, in), null);
  }

  public Tensor forward(Tensor x) {
    KernelEvent event = new KernelEvent();
    event.begin();
    Tensor y = bias == null ? torch.linear(x, weight) : torch.linear(x, weight, new TensorOptional(bias));
    event.end();
    if (event.shouldCommit()) {
      long out = weight.size(0);
      Work work = Work.linear(y.numel() / out, weight.size(1), out, Traced.elementBytes(x));
      Traced.describe(event, "linear", Traced.LIBTORCH, x, weight)
          .costs(work)
          .costsLater(work.times(Traced.gradients(y, x, weight)))
          .commit();
    }
    return y;
  }
}
