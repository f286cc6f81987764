package lethe.model.unet;

import lethe.model.layer.AttentionHeads;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.LayerNorm;
import lethe.model.layer.Linear;
import lethe.model.layer.WeightReader;
import lethe.profile.ModuleEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * diffusers' BasicTransformerBlock: self-attention ({@code attn1}), cross-attention to the text ({@code attn2}) and a
 * gated MLP, each behind a layer norm, each with a residual.
 */
final class BasicTransformerBlock {
  private static final double NORM_EPS = 1e-5;

  private final String module;
  private final int heads;
  private final LayerNorm norm1;
  private final Attention attn1;
  private final LayerNorm norm2;
  private final Attention attn2;
  private final LayerNorm norm3;
  private final Linear gatedProjection;
  private final Linear outProjection;

  BasicTransformerBlock(WeightReader weights, int width, int heads, int contextWidth) {
    module = weights.module();
    this.heads = heads;
    norm1 = new LayerNorm(weights.at("norm1"), width, NORM_EPS);
    attn1 = new Attention(weights.at("attn1"), width, width);
    norm2 = new LayerNorm(weights.at("norm2"), width, NORM_EPS);
    attn2 = new Attention(weights.at("attn2"), width, contextWidth);
    norm3 = new LayerNorm(weights.at("norm3"), width, NORM_EPS);
    gatedProjection = Linear.of(weights.at("ff.net.0.proj"), width, 8L * width);
    outProjection = Linear.of(weights.at("ff.net.2"), 4L * width, width);
  }

  /**
   * @param x [B, N, width]
   * @param context [R, T, contextWidth], R a multiple of B
   * @return [R, N, width], or null if the pass ended in {@code attn2}
   */
  Tensor forward(Tensor x, Tensor context, AttentionPass pass) {
    try (Scope scope = new Scope();
        ModuleEvent event = ModuleEvent.of(module)) {
      Tensor residual = pass.cut(x);
      Tensor h = pass.cut(residual.add(selfAttention(norm1.forward(residual), pass)));
      Tensor attended = crossAttention(norm2.forward(h), context, pass);
      if (attended == null) {
        return null;
      }
      h = SharedRows.repeat(h, attended.size(0)).add(attended);
      return scope.keep(h.add(feedForward(norm3.forward(h))));
    }
  }

  private Tensor selfAttention(Tensor x, AttentionPass pass) {
    Tensor q = AttentionHeads.split(attn1.toQ.forward(x), heads);
    Tensor k = AttentionHeads.split(attn1.toK.forward(x), heads);
    Tensor v = AttentionHeads.split(attn1.toV.forward(x), heads);
    return attn1.toOut.forward(AttentionHeads.merge(pass.selfAttention(q, k, v, false)));
  }

  private Tensor crossAttention(Tensor x, Tensor context, AttentionPass pass) {
    Tensor q = AttentionHeads.split(SharedRows.repeat(attn2.toQ.forward(x), context.size(0)), heads);
    Tensor k = AttentionHeads.split(pass.projectText(attn2.toK, context), heads);
    Tensor attended =
        pass.crossAttention(q, k, () -> AttentionHeads.split(pass.projectText(attn2.toV, context), heads));
    return attended == null ? null : attn2.toOut.forward(AttentionHeads.merge(attended));
  }

  /** GEGLU (arXiv 2002.05202): half of the projection gates the other. */
  private Tensor feedForward(Tensor x) {
    TensorVector halves = gatedProjection.forward(x).chunk(2, -1);
    return outProjection.forward(halves.get(0).mul(torch.gelu(halves.get(1))));
  }

  /** The projections of one attention layer; queries come from the image, keys and values from {@code contextWidth}. */
  private static final class Attention {
    final Linear toQ;
    final Linear toK;
    final Linear toV;
    final Linear toOut;

    Attention(WeightReader weights, int width, int contextWidth) {
      toQ = Linear.withoutBias(weights.at("to_q"), width, width);
      toK = Linear.withoutBias(weights.at("to_k"), contextWidth, width);
      toV = Linear.withoutBias(weights.at("to_v"), contextWidth, width);
      toOut = Linear.of(weights.at("to_out.0"), width, width);
    }
  }
}
