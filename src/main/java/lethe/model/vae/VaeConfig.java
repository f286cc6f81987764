package lethe.model.vae;

import com.fasterxml.jackson.databind.JsonNode;
import lethe.model.layer.ConfigReader;

/**
 * {@code vae/config.json} of diffusers' AutoencoderKL.
 *
 * @param scalingFactor multiplies an encoded latent before it is diffused
 */
public record VaeConfig(
    int inChannels,
    int outChannels,
    int latentChannels,
    int[] blockOutChannels,
    int layersPerBlock,
    int normNumGroups,
    int sampleSize,
    double scalingFactor,
    boolean midBlockAttention,
    boolean quantConv,
    boolean postQuantConv) {

  /** Pixels per latent position along each side. */
  public int downsamplingFactor() {
    return 1 << (blockOutChannels.length - 1);
  }

  /** @throws lethe.error.UserException if a setting is missing, malformed or not implemented */
  public static VaeConfig of(JsonNode json) {
    ConfigReader reader = new ConfigReader("vae/config.json", json);
    reader.only("act_fn", "silu");
    // force_upcast: the VAE always runs in float32 here.
    reader.ignore("force_upcast", "dropout");
    int[] channels = reader.integers("block_out_channels");
    onlyType(reader, json, "down_block_types", "DownEncoderBlock2D", channels.length);
    onlyType(reader, json, "up_block_types", "UpDecoderBlock2D", channels.length);
    VaeConfig config =
        new VaeConfig(
            reader.integer("in_channels", 3),
            reader.integer("out_channels", 3),
            reader.integer("latent_channels", 4),
            channels,
            reader.integer("layers_per_block", 1),
            reader.integer("norm_num_groups", 32),
            reader.integer("sample_size", 512),
            reader.number("scaling_factor", 0.18215),
            reader.bool("mid_block_add_attention", true),
            reader.bool("use_quant_conv", true),
            reader.bool("use_post_quant_conv", true));
    reader.finish();
    for (int width : channels) {
      if (width < 1 || width % config.normNumGroups != 0) {
        throw reader.invalid(
            "block_out_channels",
            json.get("block_out_channels"),
            "multiples of norm_num_groups " + config.normNumGroups);
      }
    }
    return config;
  }

  private static void onlyType(ConfigReader reader, JsonNode json, String key, String type, int blocks) {
    String[] types = reader.texts(key);
    if (types.length != blocks) {
      throw reader.invalid(key, json.get(key), "one type for each of the " + blocks + " blocks");
    }
    for (String each : types) {
      if (!each.equals(type)) {
        throw reader.invalid(key, json.get(key), type);
      }
    }
  }
}
