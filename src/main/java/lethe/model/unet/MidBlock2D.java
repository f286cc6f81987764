package lethe.model.unet;

import java.util.ArrayList;
import java.util.List;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.ResnetBlock2D;
import lethe.model.layer.WeightReader;
import lethe.profile.ModuleEvent;
import org.bytedeco.pytorch.Tensor;

/** diffusers' UNetMidBlock2DCrossAttn. */
final class MidBlock2D {
  private final String module;
  private final List<ResnetBlock2D> resnets = new ArrayList<>();
  private final Transformer2DModel attention;

  MidBlock2D(WeightReader weights, UNetConfig config) {
    module = weights.module();
    int last = config.blockOutChannels().length - 1;
    int channels = config.blockOutChannels()[last];
    for (int i = 0; i < 2; i++) {
      resnets.add(
          new ResnetBlock2D(
              weights.at("resnets", i),
              channels,
              channels,
              config.timeEmbedDim(),
              config.normNumGroups(),
              config.normEps()));
    }
    attention =
        new Transformer2DModel(
            weights.at("attentions", 0),
            channels,
            config.numAttentionHeads()[last],
            config.transformerLayersPerBlock()[last],
            config);
  }

  /** x: [B, C, H, W]; returns the same shape, or null if the pass ended inside. */
  Tensor forward(Tensor x, Tensor timeEmbedding, Tensor context, AttentionPass pass) {
    try (ModuleEvent event = ModuleEvent.of(module)) {
      Tensor h = attention.forward(resnets.get(0).forward(x, timeEmbedding), context, pass);
      return h == null ? null : resnets.get(1).forward(h, timeEmbedding);
    }
  }
}
