package lethe.model.layer;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** LibTorch's own attention: differentiable by autograd, on any device and in any float type. */
public final class ComposedAttention {
  private ComposedAttention() {}

  /**
   * softmax(q k^T / sqrt(d)) v.
   *
   * @param q [B, H, N, d]
   * @param k [B, H, T, d]
   * @param v [B, H, T, d]
   * @param causal whether query n sees the keys 0..n only
   * @return [B, H, N, d]
   */
  public static Tensor attend(Tensor q, Tensor k, Tensor v, boolean causal) {
    return torch.scaled_dot_product_attention(
        q, k, v, new TensorOptional(), 0.0, causal, new DoubleOptional(), false);
  }
}
