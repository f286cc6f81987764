package lethe.model.clip;

import com.fasterxml.jackson.databind.JsonNode;
import lethe.model.layer.ConfigReader;

/** {@code text_encoder/config.json} of transformers' CLIPTextModel. */
public record ClipTextConfig(
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int maxPositionEmbeddings,
    Activation hiddenAct,
    double layerNormEps,
    int eosTokenId) {

  /** The MLP's non-linearity: OpenAI's CLIP (SD 1.x) has {@code quick_gelu}, OpenCLIP (SD 2.x) {@code gelu}. */
  public enum Activation {
    QUICK_GELU,
    GELU
  }

  /** @throws lethe.error.UserException if a setting is missing, malformed or not implemented */
  public static ClipTextConfig of(JsonNode json) {
    ConfigReader reader = new ConfigReader("text_encoder/config.json", json);
    reader.ignore(
        "architectures", "attention_dropout", "dropout", "bos_token_id", "pad_token_id", "dtype", "torch_dtype",
        "initializer_factor", "initializer_range", "projection_dim", "transformers_version", "return_dict",
        "is_composition");
    reader.only("model_type", "clip_text_model");
    String act = reader.text("hidden_act", "quick_gelu");
    if (!act.equals("quick_gelu") && !act.equals("gelu")) {
      throw reader.invalid("hidden_act", json.get("hidden_act"), "quick_gelu or gelu");
    }
    ClipTextConfig config =
        new ClipTextConfig(
            reader.integer("vocab_size", 49408),
            reader.integer("hidden_size", 512),
            reader.integer("intermediate_size", 2048),
            reader.integer("num_hidden_layers", 12),
            reader.integer("num_attention_heads", 8),
            reader.integer("max_position_embeddings", 77),
            act.equals("gelu") ? Activation.GELU : Activation.QUICK_GELU,
            reader.number("layer_norm_eps", 1e-5),
            reader.integer("eos_token_id", 49407));
    reader.finish();
    if (config.hiddenSize % config.numAttentionHeads != 0) {
      throw reader.invalid("num_attention_heads", json.get("num_attention_heads"), "a divisor of hidden_size");
    }
    return config;
  }
}
