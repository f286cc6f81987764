package lethe.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text encoder in a CompVis file of SD 2.x: OpenCLIP's names, with query, key and value projections fused (see
 * diffusers, {@code convert_open_clip_checkpoint}).
 *
 * <p>Such files carry the whole OpenCLIP tower, of which SD 2.x uses all layers but the last, and neither the text
 * projection nor the logit scale: these are left out.
 */
final class OpenClipKeys extends CompVisKeys {
  static final String PREFIX = "cond_stage_model.model.";

  private static final Pattern FUSED =
      Pattern.compile("transformer\\.resblocks\\.(\\d{1,4})\\.attn\\.in_proj_(weight|bias)");
  private static final Pattern SPLIT =
      Pattern.compile("encoder\\.layers\\.(\\d{1,4})\\.self_attn\\.([qkv])_proj\\.(weight|bias)");
  private static final Map<String, String> LAYER =
      Map.of(
          "layer_norm1", "ln_1",
          "layer_norm2", "ln_2",
          "self_attn.out_proj", "attn.out_proj",
          "mlp.fc1", "mlp.c_fc",
          "mlp.fc2", "mlp.c_proj");

  private final int layers;

  /**
   * @param config the text encoder's, which says how many layers are used
   */
  OpenClipKeys(JsonNode config) {
    super(Component.TEXT_ENCODER, PREFIX);
    layers = new ComponentConfig(Component.TEXT_ENCODER, config).integer("num_hidden_layers");
    module("embeddings.token_embedding", "token_embedding");
    module("embeddings.position_embedding.weight", "positional_embedding");
    module("final_layer_norm", "ln_final");
    for (int layer = 0; layer < layers; layer++) {
      String canonical = "encoder.layers." + layer + ".";
      String foreign = "transformer.resblocks." + layer + ".";
      LAYER.forEach((name, foreignName) -> module(canonical + name, foreign + foreignName));
    }
  }

  @Override
  Map<String, Layout> canonicalBelowPrefix(String foreign, long[] shape) {
    if (isUnused(foreign)) {
      return Map.of();
    }
    Matcher fused = FUSED.matcher(foreign);
    if (!fused.matches() || Integer.parseInt(fused.group(1)) >= layers) {
      return super.canonicalBelowPrefix(foreign, shape);
    }
    Map<String, Layout> parts = new LinkedHashMap<>();
    String attention = "encoder.layers." + fused.group(1) + ".self_attn.";
    parts.put(attention + "q_proj." + fused.group(2), Layout.QUERY_ROWS);
    parts.put(attention + "k_proj." + fused.group(2), Layout.KEY_ROWS);
    parts.put(attention + "v_proj." + fused.group(2), Layout.VALUE_ROWS);
    return parts;
  }

  @Override
  StoredName storedBelowPrefix(String canonicalName, long[] shape) {
    Matcher split = SPLIT.matcher(canonicalName);
    if (!split.matches()) {
      return super.storedBelowPrefix(canonicalName, shape);
    }
    Layout layout =
        switch (split.group(2)) {
          case "q" -> Layout.QUERY_ROWS;
          case "k" -> Layout.KEY_ROWS;
          default -> Layout.VALUE_ROWS;
        };
    return new StoredName("transformer.resblocks." + split.group(1) + ".attn.in_proj_" + split.group(3), layout);
  }

  private boolean isUnused(String foreign) {
    return foreign.equals("text_projection")
        || foreign.equals("logit_scale")
        || foreign.equals("attn_mask")
        || foreign.startsWith("transformer.resblocks." + layers + ".");
  }
}
