package lethe.model.clip;

import lethe.model.layer.AttentionHeads;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.LayerNorm;
import lethe.model.layer.Linear;
import lethe.model.layer.WeightReader;
import lethe.profile.ModuleEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** transformers' CLIPEncoderLayer: causal self-attention and an MLP, each behind a layer norm, each with a residual. */
final class ClipEncoderLayer {
  private final String module;
  private final int heads;
  private final ClipTextConfig.Activation activation;
  private final LayerNorm layerNorm1;
  private final Linear qProj;
  private final Linear kProj;
  private final Linear vProj;
  private final Linear outProj;
  private final LayerNorm layerNorm2;
  private final Linear fc1;
  private final Linear fc2;

  ClipEncoderLayer(WeightReader weights, ClipTextConfig config) {
    module = weights.module();
    int width = config.hiddenSize();
    heads = config.numAttentionHeads();
    activation = config.hiddenAct();
    WeightReader attention = weights.at("self_attn");
    kProj = Linear.of(attention.at("k_proj"), width, width);
    vProj = Linear.of(attention.at("v_proj"), width, width);
    qProj = Linear.of(attention.at("q_proj"), width, width);
    outProj = Linear.of(attention.at("out_proj"), width, width);
    layerNorm1 = new LayerNorm(weights.at("layer_norm1"), width, config.layerNormEps());
    fc1 = Linear.of(weights.at("mlp.fc1"), width, config.intermediateSize());
    fc2 = Linear.of(weights.at("mlp.fc2"), config.intermediateSize(), width);
    layerNorm2 = new LayerNorm(weights.at("layer_norm2"), width, config.layerNormEps());
  }

  /** x: [B, T, D]. */
  Tensor forward(Tensor x, AttentionPass pass) {
    try (Scope scope = new Scope();
        ModuleEvent event = ModuleEvent.of(module)) {
      Tensor residual = pass.cut(x);
      Tensor normed = layerNorm1.forward(residual);
      Tensor q = AttentionHeads.split(qProj.forward(normed), heads);
      Tensor k = AttentionHeads.split(kProj.forward(normed), heads);
      Tensor v = AttentionHeads.split(vProj.forward(normed), heads);
      Tensor attended = outProj.forward(AttentionHeads.merge(pass.selfAttention(q, k, v, true)));
      Tensor h = residual.add(attended);
      return scope.keep(h.add(fc2.forward(activate(fc1.forward(layerNorm2.forward(h))))));
    }
  }

  private Tensor activate(Tensor x) {
    return switch (activation) {
      case GELU -> torch.gelu(x);
      case QUICK_GELU -> x.mul(torch.sigmoid(x.mul(new Scalar(1.702))));
    };
  }
}
