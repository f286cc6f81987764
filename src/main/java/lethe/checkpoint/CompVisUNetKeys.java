package lethe.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * The UNet in a CompVis file: blocks counted through all levels, input block 0 being the first convolution (see
 * diffusers, {@code convert_ldm_unet_checkpoint}).
 */
final class CompVisUNetKeys extends CompVisKeys {
  static final String PREFIX = "model.diffusion_model.";

  private static final Map<String, String> RESNET =
      Map.of(
          "norm1", "in_layers.0",
          "conv1", "in_layers.2",
          "time_emb_proj", "emb_layers.1",
          "norm2", "out_layers.0",
          "conv2", "out_layers.3",
          "conv_shortcut", "skip_connection");

  /**
   * @param config the UNet's, which says how many levels and layers there are and which have attention
   */
  CompVisUNetKeys(JsonNode config) {
    super(Component.UNET, PREFIX);
    ComponentConfig unet = new ComponentConfig(Component.UNET, config);
    module("time_embedding.linear_1", "time_embed.0");
    module("time_embedding.linear_2", "time_embed.2");
    module("conv_in", "input_blocks.0.0");
    module("conv_norm_out", "out.0");
    module("conv_out", "out.2");
    resnet("mid_block.resnets.0", "middle_block.0");
    module("mid_block.attentions.0", "middle_block.1");
    resnet("mid_block.resnets.1", "middle_block.2");
    List<String> down = unet.strings("down_block_types");
    List<String> up = unet.strings("up_block_types");
    int[] layers = unet.integerPerLevel("layers_per_block", down.size());
    inputBlocks(down, layers);
    outputBlocks(up, layers);
  }

  private void inputBlocks(List<String> types, int[] layers) {
    int block = 1;
    for (int level = 0; level < types.size(); level++) {
      String down = "down_blocks." + level;
      for (int layer = 0; layer < layers[level]; layer++, block++) {
        resnet(down + ".resnets." + layer, "input_blocks." + block + ".0");
        if (hasAttention(types.get(level))) {
          module(down + ".attentions." + layer, "input_blocks." + block + ".1");
        }
      }
      if (level < types.size() - 1) {
        module(down + ".downsamplers.0.conv", "input_blocks." + block++ + ".0.op");
      }
    }
  }

  private void outputBlocks(List<String> types, int[] layersDown) {
    int block = 0;
    for (int level = 0; level < types.size(); level++) {
      String up = "up_blocks." + level;
      boolean attention = hasAttention(types.get(level));
      int layers = layersDown[types.size() - 1 - level] + 1;
      for (int layer = 0; layer < layers; layer++, block++) {
        resnet(up + ".resnets." + layer, "output_blocks." + block + ".0");
        if (attention) {
          module(up + ".attentions." + layer, "output_blocks." + block + ".1");
        }
      }
      if (level < types.size() - 1) {
        // The upsampler is the last module of the level's last block.
        module(up + ".upsamplers.0.conv", "output_blocks." + (block - 1) + (attention ? ".2" : ".1") + ".conv");
      }
    }
  }

  private void resnet(String canonical, String foreign) {
    RESNET.forEach((inner, foreignInner) -> module(canonical + "." + inner, foreign + "." + foreignInner));
  }

  private static boolean hasAttention(String blockType) {
    return blockType.startsWith("CrossAttn");
  }
}
