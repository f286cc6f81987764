package lethe.model.layer;

import lethe.autograd.CutTape;
import lethe.kernel.AttentionGradients;
import lethe.kernel.FlashAttention;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** {@link FlashAttention} as the networks call it: the scale is 1 / sqrt(d), as everywhere in CLIP, UNet and VAE. */
public final class FusedAttention {
  private FusedAttention() {}

  /**
   * Attention without a gradient.
   *
   * @param q [B, H, N, d], last stride 1
   * @param k [B, H, T, d], last stride 1
   * @param v [B, H, T, d], last stride 1
   * @param causal whether query n sees the keys 0..n only
   * @return [B, H, N, d]
   */
  public static Tensor attend(Tensor q, Tensor k, Tensor v, boolean causal) {
    try (Scope scope = new Scope()) {
      return scope.keep(FlashAttention.forward(q, k, v, scale(q), causal).out());
    }
  }

  /** As {@link #attend(Tensor, Tensor, Tensor, boolean)}, joined to autograd by {@code tape}. */
  public static Tensor attend(CutTape tape, Tensor q, Tensor k, Tensor v, boolean causal) {
    try (Scope scope = new Scope()) {
      Tensor qValue = q.detach();
      Tensor kValue = k.detach();
      Tensor vValue = v.detach();
      double scale = scale(q);
      FlashAttention.Forward forward = FlashAttention.forward(qValue, kValue, vValue, scale, causal);
      tape.record(
          new Tensor[] {q, k, v},
          new Tensor[] {forward.out()},
          new Tensor[] {qValue, kValue, vValue, forward.logSumExp()},
          gradients -> {
            AttentionGradients backward =
                FlashAttention.backward(forward, qValue, kValue, vValue, scale, causal, gradients[0]);
            return new Tensor[] {backward.dq(), backward.dk(), backward.dv()};
          });
      return scope.keep(forward.out());
    }
  }

  private static double scale(Tensor q) {
    return 1 / Math.sqrt(q.size(3));
  }
}
