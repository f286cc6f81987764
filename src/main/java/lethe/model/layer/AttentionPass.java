package lethe.model.layer;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * What one forward pass of a network does at its attention layers, and where it cuts the autograd graph.
 *
 * <p>The networks do not know why they are run. A pass that only predicts ({@link PredictionPass}) computes attention;
 * a pass that trains may also collect attention scores, run fused kernels joined by a {@link lethe.autograd.CutTape},
 * or end early because nothing behind a layer is needed.
 */
public interface AttentionPass {
  /**
   * Attention of a sequence to itself.
   *
   * @param q [B, H, N, d]; k and v alike
   * @param causal whether a position sees only itself and what precedes it (text encoder)
   * @return [B, H, N, d]
   */
  Tensor selfAttention(Tensor q, Tensor k, Tensor v, boolean causal);

  /**
   * Attention of image positions to the text context.
   *
   * @param q [B, H, N, d]
   * @param k [B, H, T, d]
   * @param v [B, H, T, d], computed only if this pass needs it
   * @return [B, H, N, d], or null if the pass ends here; every caller then returns null at once
   */
  Tensor crossAttention(Tensor q, Tensor k, Supplier<Tensor> v);

  /**
   * The text's keys or values.
   *
   * @param projection a cross-attention layer's, to keys or to values
   * @param context [B, T, D]
   * @return [B, T, H * d]
   */
  default Tensor projectText(Linear projection, Tensor context) {
    return projection.forward(context);
  }

  /**
   * Marks a tensor that is used again behind a fused kernel: the residual stream before each block that contains one,
   * skip connections, and embeddings that several blocks share. Passes that record no cuts return {@code x} itself.
   */
  Tensor cut(Tensor x);
}
