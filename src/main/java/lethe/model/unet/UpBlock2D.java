package lethe.model.unet;

import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.ResnetBlock2D;
import lethe.model.layer.Upsample2D;
import lethe.model.layer.WeightReader;
import lethe.profile.ModuleEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** diffusers' UpBlock2D and CrossAttnUpBlock2D. */
final class UpBlock2D {
  private final String module;
  private final List<ResnetBlock2D> resnets = new ArrayList<>();
  private final List<Transformer2DModel> attentions = new ArrayList<>();
  private final Upsample2D upsampler;

  /** @param block position in {@code up_blocks}: 0 is the deepest */
  UpBlock2D(WeightReader weights, UNetConfig config, int block) {
    module = weights.module();
    int[] channels = config.blockOutChannels();
    int last = channels.length - 1;
    int mirrored = last - block; // the down block at the same depth
    int out = channels[mirrored];
    int previous = block == 0 ? out : channels[mirrored + 1];
    int in = channels[Math.max(mirrored - 1, 0)];
    int layers = config.layersPerBlock()[mirrored] + 1;
    for (int i = 0; i < layers; i++) {
      int skip = i == layers - 1 ? in : out;
      int incoming = i == 0 ? previous : out;
      resnets.add(
          new ResnetBlock2D(
              weights.at("resnets", i),
              incoming + skip,
              out,
              config.timeEmbedDim(),
              config.normNumGroups(),
              config.normEps()));
      if (config.upHasAttention()[block]) {
        attentions.add(
            new Transformer2DModel(
                weights.at("attentions", i),
                out,
                config.numAttentionHeads()[mirrored],
                config.transformerLayersPerBlock()[mirrored],
                config));
      }
    }
    upsampler = block == last ? null : new Upsample2D(weights.at("upsamplers.0"), out);
  }

  /**
   * @param x [R, C, H, W], R rows of context
   * @param skips what the down blocks left, consumed from the deepest on
   * @return the block's output, or null if the pass ended inside
   */
  Tensor forward(Tensor x, Tensor timeEmbedding, Tensor context, Deque<Tensor> skips, AttentionPass pass) {
    try (ModuleEvent event = ModuleEvent.of(module)) {
      Tensor h = x;
      for (int i = 0; i < resnets.size(); i++) {
        try (Scope scope = new Scope()) {
          Tensor skip = SharedRows.repeat(skips.pop(), h.size(0));
          h = resnets.get(i).forward(torch.cat(new TensorVector(h, skip), 1), timeEmbedding);
          if (!attentions.isEmpty()) {
            h = attentions.get(i).forward(h, context, pass);
            if (h == null) {
              return null;
            }
          }
          scope.keep(h);
        }
      }
      if (upsampler == null) {
        return h;
      }
      // The next skip says the size: latents whose sides are no multiple of the network's stride round up on the way
      // down.
      Tensor next = skips.peek();
      return upsampler.forward(h, next.size(2), next.size(3));
    }
  }
}
