package lethe.model.layer;

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
    return torch.group_norm(x, groups, new TensorOptional(weight), new TensorOptional(bias), eps, true);
  }
}
