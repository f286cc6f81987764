package lethe.model.layer;

import lethe.profile.KernelEvent;
import lethe.profile.Work;
import lethe.tensor.Traced;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Layer normalisation over the last dimension. */
public final class LayerNorm {
  private final long[] shape;
  private final Tensor weight;
  private final Tensor bias;
  private final double eps;

  public LayerNorm(WeightReader weights, long features, double eps) {
    this.shape = new long[] {features};
    this.weight = weights.take("weight", features);
    this.bias = weights.take("bias", features);
    this.eps = eps;
  }

  public Tensor forward(Tensor x) {
    KernelEvent event = new KernelEvent();
    event.begin();
    Tensor y = torch.layer_norm(x, shape, new TensorOptional(weight), new TensorOptional(bias), eps, true);
    event.end();
    if (event.shouldCommit()) {
      Work work = Work.norm(x.numel(), Traced.elementBytes(x));
      Traced.describe(event, "layer_norm", Traced.LIBTORCH, x)
          .costs(work)
          .costsLater(work.times(Traced.gradients(y, x)))
          .commit();
    }
    return y;
  }
}
