package lethe.model.vae;

import lethe.model.layer.AttentionPass;
import lethe.model.layer.GroupNorm;
import lethe.model.layer.Linear;
import lethe.model.layer.ResnetBlock2D;
import lethe.model.layer.WeightReader;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** diffusers' UNetMidBlock2D as the VAE uses it: two resnet blocks around one single-head self-attention. */
final class VaeMidBlock {
  private final ResnetBlock2D first;
  private final GroupNorm attentionNorm;
  private final Linear toQ;
  private final Linear toK;
  private final Linear toV;
  private final Linear toOut;
  private final ResnetBlock2D second;

  VaeMidBlock(WeightReader weights, VaeConfig config) {
    int channels = config.blockOutChannels()[config.blockOutChannels().length - 1];
    int groups = config.normNumGroups();
    first = new ResnetBlock2D(weights.at("resnets", 0), channels, channels, 0, groups, Vae.NORM_EPS);
    second = new ResnetBlock2D(weights.at("resnets", 1), channels, channels, 0, groups, Vae.NORM_EPS);
    if (config.midBlockAttention()) {
      WeightReader attention = weights.at("attentions", 0);
      attentionNorm = new GroupNorm(attention.at("group_norm"), groups, channels, Vae.NORM_EPS);
      toQ = Linear.of(attention.at("to_q"), channels, channels);
      toK = Linear.of(attention.at("to_k"), channels, channels);
      toV = Linear.of(attention.at("to_v"), channels, channels);
      toOut = Linear.of(attention.at("to_out.0"), channels, channels);
    } else {
      attentionNorm = null;
      toQ = null;
      toK = null;
      toV = null;
      toOut = null;
    }
  }

  /** x: [B, C, H, W]; returns the same shape. */
  Tensor forward(Tensor x, AttentionPass pass) {
    Tensor h = first.forward(x, null);
    return second.forward(attentionNorm == null ? h : attend(h, pass), null);
  }

  private Tensor attend(Tensor x, AttentionPass pass) {
    try (Scope scope = new Scope()) {
      Tensor residual = pass.cut(x);
      Tensor sequence = attentionNorm.forward(residual).flatten(2, 3).transpose(1, 2); // [B, N, C]
      Tensor q = toQ.forward(sequence).unsqueeze(1);
      Tensor k = toK.forward(sequence).unsqueeze(1);
      Tensor v = toV.forward(sequence).unsqueeze(1);
      Tensor attended = toOut.forward(pass.selfAttention(q, k, v, false).squeeze(1));
      return scope.keep(
          attended.transpose(1, 2).reshape(x.size(0), x.size(1), x.size(2), x.size(3)).add(residual));
    }
  }
}
