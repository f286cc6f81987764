package lethe.model.layer;

import lethe.profile.KernelEvent;
import lethe.profile.Work;
import lethe.tensor.Traced;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Group normalisation over [B, C, ...]. */
public final class GroupNorm {
  private final long groups;
  private final Tensor weight;
  private final Tensor bias;
  private final double eps;

  public GroupNorm(WeightReader weights, long groups, long channels, double eps) {
    this.groups = groups;
    this.weight = weights.take("weight", channels);
    this.bias = weights.take("bias", channels);
    this.eps = eps;
  }

  public Tensor forward(Tensor x) {
    KernelEvent event = new KernelEvent();
    event.begin();
    Tensor y = torch.group_norm(x, groups, new TensorOptional(weight), new TensorOptional(bias), eps, true);
    event.end();
    if (event.shouldCommit()) {
      Work work = Work.norm(x.numel(), Traced.elementBytes(x));
      Traced.describe(event, "group_norm", Traced.LIBTORCH, x)
          .costs(work)
          .costsLater(work.times(Traced.gradients(y, x)))
          .commit();
    }
    return y;
  }
}
