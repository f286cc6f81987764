package lethe.model.vae;

import java.util.Map;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.model.layer.Conv2d;
import lethe.model.layer.InitialWeights;
import lethe.model.layer.Network;
import lethe.model.layer.PredictionPass;
import lethe.model.layer.WeightReader;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/** diffusers' AutoencoderKL: images in [-1, 1] to latents and back. Frozen in every method here; runs in float32. */
public final class Vae extends Network {
  static final double NORM_EPS = 1e-6;

  private static final double MIN_LOG_VARIANCE = -30;
  private static final double MAX_LOG_VARIANCE = 20;

  private final VaeConfig config;
  private final VaeEncoder encoder;
  private final VaeDecoder decoder;
  private final Conv2d quantConv;
  private final Conv2d postQuantConv;

  private Vae(VaeConfig config, WeightReader weights) {
    this.config = config;
    int latent = config.latentChannels();
    encoder = new VaeEncoder(weights.at("encoder"), config);
    decoder = new VaeDecoder(weights.at("decoder"), config);
    quantConv = config.quantConv() ? Conv2d.pointwise(weights.at("quant_conv"), 2L * latent, 2L * latent) : null;
    postQuantConv = config.postQuantConv() ? Conv2d.pointwise(weights.at("post_quant_conv"), latent, latent) : null;
  }

  /** @throws lethe.error.UserException if its config or weights are missing, broken, or do not fit each other */
  public static Vae load(Checkpoint checkpoint) {
    return load(checkpoint, Device.CPU);
  }

  /** As {@link #load(Checkpoint)}, on another device. */
  public static Vae load(Checkpoint checkpoint, Device device) {
    VaeConfig config = VaeConfig.of(checkpoint.config(Component.VAE));
    return load(checkpoint, Component.VAE, device, weights -> new Vae(config, weights));
  }

  /** A network to be trained: fp32, on the CPU, its weights drawn from {@code seed}. */
  public static Vae initial(VaeConfig config, long seed) {
    return load(
        new InitialWeights(seed),
        Component.VAE.folder(),
        DType.F32,
        Device.CPU,
        weights -> new Vae(config, weights));
  }

  /** The shapes of all weights that such a network has, by name; makes none. */
  public static Map<String, long[]> shapes(VaeConfig config) {
    WeightReader reader = WeightReader.dry(Component.VAE);
    new Vae(config, reader);
    return reader.shapes();
  }

  public VaeConfig config() {
    return config;
  }

  /**
   * @param image [B, 3, H, W] in [-1, 1]; H and W multiples of {@link VaeConfig#downsamplingFactor()}
   */
  public LatentDistribution encode(Tensor image) {
    try (Scope scope = new Scope()) {
      Tensor moments = encoder.forward(image, PredictionPass.INSTANCE);
      if (quantConv != null) {
        moments = quantConv.forward(moments);
      }
      long latent = config.latentChannels();
      Tensor mean = moments.narrow(1, 0, latent);
      Tensor logVariance =
          moments
              .narrow(1, latent, latent)
              .clamp(
                  new ScalarOptional(new Scalar(MIN_LOG_VARIANCE)), new ScalarOptional(new Scalar(MAX_LOG_VARIANCE)));
      return new LatentDistribution(scope.keep(mean), scope.keep(logVariance));
    }
  }

  /**
   * @param latent [B, latentChannels, h, w], already divided by the scaling factor
   * @return [B, 3, H, W], about [-1, 1], not clamped
   */
  public Tensor decode(Tensor latent) {
    try (Scope scope = new Scope()) {
      Tensor h = postQuantConv == null ? latent : postQuantConv.forward(latent);
      return scope.keep(decoder.forward(h, PredictionPass.INSTANCE));
    }
  }
}
