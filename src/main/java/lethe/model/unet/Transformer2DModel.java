package lethe.model.unet;

import java.util.ArrayList;
import java.util.List;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.Conv2d;
import lethe.model.layer.GroupNorm;
import lethe.model.layer.Linear;
import lethe.model.layer.WeightReader;
import lethe.profile.ModuleEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** diffusers' Transformer2DModel: transformer blocks over the positions of a feature map, with a residual around. */
final class Transformer2DModel {
  private static final double NORM_EPS = 1e-6;

  private final String module;
  private final GroupNorm norm;
  private final Linear linearIn;
  private final Conv2d convIn;
  private final List<BasicTransformerBlock> blocks = new ArrayList<>();
  private final Linear linearOut;
  private final Conv2d convOut;

  Transformer2DModel(WeightReader weights, int channels, int heads, int depth, UNetConfig config) {
    module = weights.module();
    boolean linear = config.useLinearProjection();
    norm = new GroupNorm(weights.at("norm"), config.normNumGroups(), channels, NORM_EPS);
    linearIn = linear ? Linear.of(weights.at("proj_in"), channels, channels) : null;
    convIn = linear ? null : Conv2d.pointwise(weights.at("proj_in"), channels, channels);
    for (int i = 0; i < depth; i++) {
      blocks.add(
          new BasicTransformerBlock(
              weights.at("transformer_blocks", i), channels, heads, config.crossAttentionDim()));
    }
    linearOut = linear ? Linear.of(weights.at("proj_out"), channels, channels) : null;
    convOut = linear ? null : Conv2d.pointwise(weights.at("proj_out"), channels, channels);
  }

  /**
   * @param x [B, C, H, W]
   * @param context [R, T, D], R a multiple of B
   * @return [R, C, H, W], or null if the pass ended inside
   */
  Tensor forward(Tensor x, Tensor context, AttentionPass pass) {
    try (Scope scope = new Scope();
        ModuleEvent event = ModuleEvent.of(module)) {
      Tensor residual = pass.cut(x);
      long height = x.size(2);
      long width = x.size(3);
      Tensor h = norm.forward(residual);
      h = linearIn == null ? toSequence(convIn.forward(h)) : linearIn.forward(toSequence(h));
      for (BasicTransformerBlock block : blocks) {
        h = block.forward(h, context, pass);
        if (h == null) {
          return null;
        }
      }
      h =
          linearOut == null
              ? convOut.forward(toMap(h, height, width))
              : toMap(linearOut.forward(h), height, width);
      return scope.keep(h.add(SharedRows.repeat(residual, h.size(0))));
    }
  }

  /** [B, C, H, W] to [B, H * W, C] with C innermost, which every norm and sum of the blocks would else reorder. */
  private static Tensor toSequence(Tensor map) {
    return map.flatten(2, 3).transpose(1, 2).contiguous();
  }

  /** [B, H * W, C] to [B, C, H, W]. */
  private static Tensor toMap(Tensor sequence, long height, long width) {
    return sequence.transpose(1, 2).reshape(sequence.size(0), sequence.size(2), height, width);
  }
}
