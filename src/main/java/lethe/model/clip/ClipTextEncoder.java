package lethe.model.clip;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.InitialWeights;
import lethe.model.layer.LayerNorm;
import lethe.model.layer.Network;
import lethe.model.layer.PredictionPass;
import lethe.model.layer.WeightReader;
import lethe.profile.ModuleEvent;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * CLIP's text transformer (arXiv 2103.00020): token ids to the context that steers the UNet.
 *
 * <p>Runs from ids or from word embeddings, which is where an attack on the prompt enters.
 */
public final class ClipTextEncoder extends Network {
  private final String module;
  private final ClipTextConfig config;
  private final Tensor tokenEmbedding;
  private final Tensor positionEmbedding;
  private final List<ClipEncoderLayer> layers = new ArrayList<>();
  private final LayerNorm finalLayerNorm;

  private ClipTextEncoder(ClipTextConfig config, WeightReader weights) {
    module = weights.module();
    this.config = config;
    WeightReader embeddings = weights.at("embeddings");
    tokenEmbedding = embeddings.take("token_embedding.weight", config.vocabSize(), config.hiddenSize());
    positionEmbedding =
        embeddings.take("position_embedding.weight", config.maxPositionEmbeddings(), config.hiddenSize());
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      layers.add(new ClipEncoderLayer(weights.at("encoder.layers", i), config));
    }
    finalLayerNorm = new LayerNorm(weights.at("final_layer_norm"), config.hiddenSize(), config.layerNormEps());
  }

  /** @throws lethe.error.UserException if its config or weights are missing, broken, or do not fit each other */
  public static ClipTextEncoder load(Checkpoint checkpoint) {
    return load(checkpoint, Device.CPU);
  }

  /** As {@link #load(Checkpoint)}, on another device. */
  public static ClipTextEncoder load(Checkpoint checkpoint, Device device) {
    ClipTextConfig config = ClipTextConfig.of(checkpoint.config(Component.TEXT_ENCODER));
    return load(checkpoint, Component.TEXT_ENCODER, device, weights -> new ClipTextEncoder(config, weights));
  }

  /** A network to be trained: fp32, on the CPU, its weights drawn from {@code seed}. */
  public static ClipTextEncoder initial(ClipTextConfig config, long seed) {
    return load(
        new InitialWeights(seed),
        Component.TEXT_ENCODER.folder(),
        DType.F32,
        Device.CPU,
        weights -> new ClipTextEncoder(config, weights));
  }

  /** The shapes of all weights that such a network has, by name; makes none. */
  public static Map<String, long[]> shapes(ClipTextConfig config) {
    WeightReader reader = WeightReader.dry(Component.TEXT_ENCODER);
    new ClipTextEncoder(config, reader);
    return reader.shapes();
  }

  public ClipTextConfig config() {
    return config;
  }

  /**
   * The word embeddings of token ids, before positions are added.
   *
   * @param ids [B, T] int64, on any device
   * @return [B, T, D]
   */
  public Tensor embed(Tensor ids) {
    try (Scope scope = new Scope()) {
      return scope.keep(torch.embedding(tokenEmbedding, device().place(ids)));
    }
  }

  /**
   * The last hidden state after the final layer norm: the UNet's text context.
   *
   * @param ids [B, T] int64, on any device
   * @return [B, T, D]
   */
  public Tensor encode(Tensor ids) {
    try (Scope scope = new Scope()) {
      return scope.keep(encodeEmbeddings(embed(ids)));
    }
  }

  /**
   * As {@link #encode}, from word embeddings: differentiable with respect to them.
   *
   * @param wordEmbeddings [B, T, D]
   */
  public Tensor encodeEmbeddings(Tensor wordEmbeddings) {
    return encodeEmbeddings(wordEmbeddings, PredictionPass.INSTANCE);
  }

  /** As {@link #encodeEmbeddings(Tensor)}, with the given attention. */
  public Tensor encodeEmbeddings(Tensor wordEmbeddings, AttentionPass pass) {
    try (Scope scope = new Scope();
        ModuleEvent event = ModuleEvent.of(module)) {
      Tensor x = wordEmbeddings.add(positionEmbedding.narrow(0, 0, wordEmbeddings.size(1)));
      for (ClipEncoderLayer layer : layers) {
        x = layer.forward(x, pass);
      }
      return scope.keep(finalLayerNorm.forward(x));
    }
  }

  /**
   * The hidden state at each prompt's end-of-text token.
   *
   * @param ids [B, T] int64
   * @param lastHiddenState [B, T, D]
   * @return [B, D]
   */
  public Tensor pooled(Tensor ids, Tensor lastHiddenState) {
    try (Scope scope = new Scope()) {
      // Configs written before transformers 4.30 say eos_token_id 2, which never occurs: there the end-of-text token
      // is found as the largest id.
      Tensor end =
          config.eosTokenId() == 2
              ? ids.argmax(new LongOptional(-1), false)
              : ids.eq(new Scalar((long) config.eosTokenId()))
                  .to(torch.ScalarType.Int)
                  .argmax(new LongOptional(-1), false);
      Tensor index = end.view(-1, 1, 1).expand(ids.size(0), 1, lastHiddenState.size(2));
      return scope.keep(lastHiddenState.gather(1, index).squeeze(1));
    }
  }
}
