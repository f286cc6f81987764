package lethe.model.unet;

import com.fasterxml.jackson.databind.JsonNode;
import lethe.error.UserException;
import lethe.model.layer.ConfigReader;

/**
 * {@code unet/config.json} of diffusers' UNet2DConditionModel, as far as Stable Diffusion 1.x and 2.x use it.
 *
 * @param numAttentionHeads heads of each down block. The file calls it {@code attention_head_dim}: a historical
 *     misnomer of diffusers, it has always meant the number of heads.
 */
public record UNetConfig(
    int inChannels,
    int outChannels,
    int sampleSize,
    int[] blockOutChannels,
    boolean[] downHasAttention,
    boolean[] upHasAttention,
    int[] layersPerBlock,
    int[] transformerLayersPerBlock,
    int[] numAttentionHeads,
    int crossAttentionDim,
    int normNumGroups,
    double normEps,
    boolean useLinearProjection,
    boolean flipSinToCos,
    double freqShift,
    int downsamplePadding) {

  /** Width of the timestep embedding that the resnet blocks see. */
  public int timeEmbedDim() {
    return 4 * blockOutChannels[0];
  }

  /** @throws UserException if a setting is missing, malformed or not implemented */
  public static UNetConfig of(JsonNode json) {
    ConfigReader reader = new ConfigReader("unet/config.json", json);
    reader
        .only("act_fn", "silu")
        .only("mid_block_type", "UNetMidBlock2DCrossAttn")
        .only("attention_type", "default")
        .only("resnet_time_scale_shift", "default")
        .only("time_embedding_type", "positional")
        .only("conv_in_kernel", 3)
        .only("conv_out_kernel", 3)
        .only("mid_block_scale_factor", 1)
        .only("resnet_out_scale_factor", 1.0)
        // upcast_attention only matters below float32, where attention accumulates in float32 anyway.
        .ignore("dropout", "upcast_attention", "addition_embed_type_num_heads", "attention_head_dim");
    int[] channels = reader.integers("block_out_channels");
    int blocks = channels.length;
    UNetConfig config =
        new UNetConfig(
            reader.integer("in_channels", 4),
            reader.integer("out_channels", 4),
            reader.integer("sample_size", 64),
            channels,
            attentionOf(reader, json, "down_block_types", "CrossAttnDownBlock2D", "DownBlock2D", blocks),
            attentionOf(reader, json, "up_block_types", "CrossAttnUpBlock2D", "UpBlock2D", blocks),
            reader.integerPerBlock("layers_per_block", blocks, 2),
            reader.integerPerBlock("transformer_layers_per_block", blocks, 1),
            reader.integerPerBlock(
                json.hasNonNull("num_attention_heads") ? "num_attention_heads" : "attention_head_dim", blocks, 8),
            reader.integer("cross_attention_dim", 1280),
            reader.integer("norm_num_groups", 32),
            reader.number("norm_eps", 1e-5),
            reader.bool("use_linear_projection", false),
            reader.bool("flip_sin_to_cos", true),
            reader.number("freq_shift", 0),
            reader.integer("downsample_padding", 1));
    reader.finish();
    config.check(reader, json);
    return config;
  }

  private void check(ConfigReader reader, JsonNode json) {
    for (int i = 0; i < blockOutChannels.length; i++) {
      if (blockOutChannels[i] < 1 || blockOutChannels[i] % normNumGroups != 0) {
        throw reader.invalid(
            "block_out_channels", json.get("block_out_channels"), "multiples of norm_num_groups " + normNumGroups);
      }
      if (numAttentionHeads[i] < 1 || blockOutChannels[i] % numAttentionHeads[i] != 0) {
        throw reader.invalid(
            "attention_head_dim", json.get("attention_head_dim"), "numbers of heads that divide block_out_channels");
      }
    }
  }

  private static boolean[] attentionOf(
      ConfigReader reader, JsonNode json, String key, String withAttention, String without, int blocks) {
    String[] types = reader.texts(key);
    if (types.length != blocks) {
      throw reader.invalid(key, json.get(key), "one type for each of the " + blocks + " blocks");
    }
    boolean[] result = new boolean[blocks];
    for (int i = 0; i < blocks; i++) {
      if (!types[i].equals(withAttention) && !types[i].equals(without)) {
        throw reader.invalid(key, json.get(key), withAttention + " or " + without);
      }
      result[i] = types[i].equals(withAttention);
    }
    return result;
  }
}
