package lethe.model.layer;

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
    return torch.layer_norm(x, shape, new TensorOptional(weight), new TensorOptional(bias), eps, true);
  }
}
