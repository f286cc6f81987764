package lethe.model.vae;

import java.util.ArrayList;
import java.util.List;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.Conv2d;
import lethe.model.layer.GroupNorm;
import lethe.model.layer.ResnetBlock2D;
import lethe.model.layer.Upsample2D;
import lethe.model.layer.WeightReader;
import lethe.profile.ModuleEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** diffusers' Decoder: latents to images. */
final class VaeDecoder {
  private final String module;
  private final Conv2d convIn;
  private final VaeMidBlock midBlock;
  private final List<List<ResnetBlock2D>> resnets = new ArrayList<>();
  private final List<Upsample2D> upsamplers = new ArrayList<>();
  private final GroupNorm convNormOut;
  private final Conv2d convOut;

  VaeDecoder(WeightReader weights, VaeConfig config) {
    module = weights.module();
    int[] channels = config.blockOutChannels();
    int last = channels.length - 1;
    int groups = config.normNumGroups();
    convIn = Conv2d.same3x3(weights.at("conv_in"), config.latentChannels(), channels[last]);
    midBlock = new VaeMidBlock(weights.at("mid_block"), config);
    for (int block = 0; block <= last; block++) {
      WeightReader up = weights.at("up_blocks", block);
      int out = channels[last - block];
      int previous = channels[Math.min(last - block + 1, last)];
      List<ResnetBlock2D> layers = new ArrayList<>();
      for (int i = 0; i <= config.layersPerBlock(); i++) {
        layers.add(new ResnetBlock2D(up.at("resnets", i), i == 0 ? previous : out, out, 0, groups, Vae.NORM_EPS));
      }
      resnets.add(layers);
      if (block < last) {
        upsamplers.add(new Upsample2D(up.at("upsamplers.0"), out));
      }
    }
    convNormOut = new GroupNorm(weights.at("conv_norm_out"), groups, channels[0], Vae.NORM_EPS);
    convOut = Conv2d.same3x3(weights.at("conv_out"), channels[0], config.outChannels());
  }

  /** latent: [B, latentChannels, h, w]; returns [B, 3, h * f, w * f]. */
  Tensor forward(Tensor latent, AttentionPass pass) {
    try (Scope scope = new Scope();
        ModuleEvent event = ModuleEvent.of(module)) {
      Tensor h = midBlock.forward(convIn.forward(latent), pass);
      for (int block = 0; block < resnets.size(); block++) {
        for (ResnetBlock2D resnet : resnets.get(block)) {
          h = resnet.forward(h, null);
        }
        if (block < upsamplers.size()) {
          h = upsamplers.get(block).forward(h);
        }
      }
      return scope.keep(convOut.forward(torch.silu(convNormOut.forward(h))));
    }
  }
}
