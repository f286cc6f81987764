package lethe.model.unet;

import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.Conv2d;
import lethe.model.layer.ResnetBlock2D;
import lethe.model.layer.WeightReader;
import lethe.profile.ModuleEvent;
import org.bytedeco.pytorch.Tensor;

/** diffusers' DownBlock2D and CrossAttnDownBlock2D. */
final class DownBlock2D {
  private final String module;
  private final List<ResnetBlock2D> resnets = new ArrayList<>();
  private final List<Transformer2DModel> attentions = new ArrayList<>();
  private final Conv2d downsampler;

  DownBlock2D(WeightReader weights, UNetConfig config, int block) {
    module = weights.module();
    int[] channels = config.blockOutChannels();
    int out = channels[block];
    int in = block == 0 ? out : channels[block - 1];
    for (int i = 0; i < config.layersPerBlock()[block]; i++) {
      resnets.add(
          new ResnetBlock2D(
              weights.at("resnets", i),
              i == 0 ? in : out,
              out,
              config.timeEmbedDim(),
              config.normNumGroups(),
              config.normEps()));
      if (config.downHasAttention()[block]) {
        attentions.add(
            new Transformer2DModel(
                weights.at("attentions", i),
                out,
                config.numAttentionHeads()[block],
                config.transformerLayersPerBlock()[block],
                config));
      }
    }
    boolean last = block == channels.length - 1;
    downsampler =
        last ? null : new Conv2d(weights.at("downsamplers.0.conv"), out, out, 3, 2, config.downsamplePadding());
  }

  /**
   * @param x [B, C, H, W]
   * @param skips receives the output of every layer, for the up blocks
   * @return the block's output, or null if the pass ended inside
   */
  Tensor forward(Tensor x, Tensor timeEmbedding, Tensor context, Deque<Tensor> skips, AttentionPass pass) {
    try (ModuleEvent event = ModuleEvent.of(module)) {
      Tensor h = x;
      for (int i = 0; i < resnets.size(); i++) {
        h = resnets.get(i).forward(h, timeEmbedding);
        if (!attentions.isEmpty()) {
          h = attentions.get(i).forward(h, context, pass);
          if (h == null) {
            return null;
          }
        }
        h = pass.cut(h);
        skips.push(h);
      }
      if (downsampler != null) {
        h = pass.cut(downsampler.forward(h));
        skips.push(h);
      }
      return h;
    }
  }
}
