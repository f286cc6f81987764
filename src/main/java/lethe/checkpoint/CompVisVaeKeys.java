package lethe.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * The VAE in a CompVis file: the decoder's levels are counted from the image side, and the attention's projections are
 * 1x1 convolutions (see diffusers, {@code convert_ldm_vae_checkpoint}).
 */
final class CompVisVaeKeys extends CompVisKeys {
  static final String PREFIX = "first_stage_model.";

  private static final String ATTENTION = ".mid_block.attentions.0";
  private static final Map<String, String> PROJECTIONS =
      Map.of("to_q", "q", "to_k", "k", "to_v", "v", "to_out.0", "proj_out");

  /** Of the training loss, which some files still carry. */
  private static final String LOSS = "loss.";

  /**
   * @param config the VAE's, which says how many levels and layers there are
   */
  CompVisVaeKeys(JsonNode config) {
    super(Component.VAE, PREFIX);
    ComponentConfig vae = new ComponentConfig(Component.VAE, config);
    module("quant_conv", "quant_conv");
    module("post_quant_conv", "post_quant_conv");
    List<String> down = vae.strings("down_block_types");
    int layers = vae.integer("layers_per_block");
    for (int level = 0; level < down.size(); level++) {
      levels("encoder.down_blocks." + level, "encoder.down." + level, layers);
      module("encoder.down_blocks." + level + ".downsamplers.0", "encoder.down." + level + ".downsample");
    }
    List<String> up = vae.strings("up_block_types");
    for (int level = 0; level < up.size(); level++) {
      String foreign = "decoder.up." + (up.size() - 1 - level);
      levels("decoder.up_blocks." + level, foreign, layers + 1);
      module("decoder.up_blocks." + level + ".upsamplers.0", foreign + ".upsample");
    }
    for (String half : List.of("encoder", "decoder")) {
      module(half + ".conv_in", half + ".conv_in");
      module(half + ".conv_norm_out", half + ".norm_out");
      module(half + ".conv_out", half + ".conv_out");
      resnet(half + ".mid_block.resnets.0", half + ".mid.block_1");
      resnet(half + ".mid_block.resnets.1", half + ".mid.block_2");
      module(half + ATTENTION + ".group_norm", half + ".mid.attn_1.norm");
      PROJECTIONS.forEach((name, foreign) -> module(half + ATTENTION + "." + name, half + ".mid.attn_1." + foreign));
    }
  }

  @Override
  Map<String, Layout> canonicalBelowPrefix(String foreign, long[] shape) {
    if (foreign.startsWith(LOSS)) {
      return Map.of();
    }
    Map<String, Layout> plain = super.canonicalBelowPrefix(foreign, shape);
    String name = plain.keySet().iterator().next();
    // Some converters store the projections as linear layers.
    return isProjection(name) && Layout.POINTWISE_CONVOLUTION.fits(shape)
        ? Map.of(name, Layout.POINTWISE_CONVOLUTION)
        : plain;
  }

  @Override
  StoredName storedBelowPrefix(String canonicalName, long[] shape) {
    StoredName plain = super.storedBelowPrefix(canonicalName, shape);
    return isProjection(canonicalName) && shape.length == 2
        ? new StoredName(plain.key(), Layout.POINTWISE_CONVOLUTION)
        : plain;
  }

  private static boolean isProjection(String canonicalName) {
    return canonicalName.contains(ATTENTION + ".to_") && canonicalName.endsWith(".weight");
  }

  private void levels(String canonical, String foreign, int layers) {
    for (int layer = 0; layer < layers; layer++) {
      resnet(canonical + ".resnets." + layer, foreign + ".block." + layer);
    }
  }

  private void resnet(String canonical, String foreign) {
    for (String same : List.of("norm1", "conv1", "norm2", "conv2")) {
      module(canonical + "." + same, foreign + "." + same);
    }
    module(canonical + ".conv_shortcut", foreign + ".nin_shortcut");
  }
}
