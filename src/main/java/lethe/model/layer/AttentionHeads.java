package lethe.model.layer;

import org.bytedeco.pytorch.Tensor;

/** The view of a projection's channels as attention heads, and back. */
public final class AttentionHeads {
  private AttentionHeads() {}

  /** [B, N, heads * d] to a strided view [B, heads, N, d]; nothing is copied. */
  public static Tensor split(Tensor x, long heads) {
    return x.view(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
  }

  /** [B, heads, N, d] to [B, N, heads * d]; a view when the memory is laid out as [B, N, heads, d]. */
  public static Tensor merge(Tensor x) {
    return x.transpose(1, 2).reshape(x.size(0), x.size(2), x.size(1) * x.size(3));
  }
}
