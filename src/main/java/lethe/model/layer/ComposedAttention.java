package lethe.model.layer;

import lethe.profile.KernelEvent;
import lethe.profile.Work;
import lethe.tensor.Traced;
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
    KernelEvent event = new KernelEvent();
    event.begin();
    Tensor out =
        torch.scaled_dot_product_attention(
            q, k, v, new TensorOptional(), 0.0, causal, new DoubleOptional(), false);
    event.end();
    if (event.shouldCommit()) {
      long heads = q.size(0) * q.size(1);
      int bytes = Traced.elementBytes(q);
      boolean differentiated = Traced.gradients(out, q, k, v) > 0;
      Traced.describe(event, "scaled_dot_product_attention", Traced.LIBTORCH, q, k, v)
          .costs(Work.attention(heads, q.size(2), k.size(2), q.size(3), true, bytes))
          .costsLater(
              differentiated
                  ? Work.attentionBackward(heads, q.size(2), k.size(2), q.size(3), true, bytes)
                  : Work.NONE)
          .commit();
    }
    return out;
  }
}
