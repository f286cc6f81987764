package lethe.model.vae;

import java.util.ArrayList;
import java.util.List;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.Conv2d;
import lethe.model.layer.GroupNorm;
import lethe.model.layer.ResnetBlock2D;
import lethe.model.layer.WeightReader;
import lethe.profile.ModuleEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** diffusers' Encoder: images to the moments of a latent distribution. */
final class VaeEncoder {
  /** Downsampling pads right and bottom only: {left, right, top, bottom}. */
  private static final long[] ASYMMETRIC_PADDING = {0, 1, 0, 1};

  private final String module;
  private final Conv2d convIn;
  private final List<List<ResnetBlock2D>> resnets = new ArrayList<>();
  private final List<Conv2d> downsamplers = new ArrayList<>();
  private final VaeMidBlock midBlock;
  private final GroupNorm convNormOut;
  private final Conv2d convOut;

  VaeEncoder(WeightReader weights, VaeConfig config) {
    module = weights.module();
    int[] channels = config.blockOutChannels();
    int last = channels.length - 1;
    int groups = config.normNumGroups();
    convIn = Conv2d.same3x3(weights.at("conv_in"), config.inChannels(), channels[0]);
    for (int block = 0; block <= last; block++) {
      WeightReader down = weights.at("down_blocks", block);
      List<ResnetBlock2D> layers = new ArrayList<>();
      for (int i = 0; i < config.layersPerBlock(); i++) {
        int in = i > 0 ? channels[block] : channels[Math.max(block - 1, 0)];
        layers.add(new ResnetBlock2D(down.at("resnets", i), in, channels[block], 0, groups, Vae.NORM_EPS));
      }
      resnets.add(layers);
      if (block < last) {
        downsamplers.add(new Conv2d(down.at("downsamplers.0.conv"), channels[block], channels[block], 3, 2, 0));
      }
    }
    midBlock = new VaeMidBlock(weights.at("mid_block"), config);
    convNormOut = new GroupNorm(weights.at("conv_norm_out"), groups, channels[last], Vae.NORM_EPS);
    convOut = Conv2d.same3x3(weights.at("conv_out"), channels[last], 2L * config.latentChannels());
  }

  /** image: [B, 3, H, W]; returns [B, 2 * latentChannels, H / f, W / f]. */
  Tensor forward(Tensor image, AttentionPass pass) {
    try (Scope scope = new Scope();
        ModuleEvent event = ModuleEvent.of(module)) {
      Tensor h = convIn.forward(image);
      for (int block = 0; block < resnets.size(); block++) {
        for (ResnetBlock2D resnet : resnets.get(block)) {
          h = resnet.forward(h, null);
        }
        if (block < downsamplers.size()) {
          h = downsamplers.get(block).forward(torch.constant_pad_nd(h, ASYMMETRIC_PADDING));
        }
      }
      h = midBlock.forward(h, pass);
      return scope.keep(convOut.forward(torch.silu(convNormOut.forward(h))));
    }
  }
}
