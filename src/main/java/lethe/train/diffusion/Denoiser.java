package lethe.train.diffusion;

import java.util.LinkedHashMap;
import java.util.Map;
import lethe.checkpoint.Checkpoint;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.model.clip.ClipTextEncoder;
import lethe.model.layer.GradientPass;
import lethe.model.unet.UNet;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A UNet in training and the text encoder under it: one worker's replica. Owns both. */
final class Denoiser implements AutoCloseable {
  private final UNet unet;
  private final ClipTextEncoder textEncoder;
  private final boolean trainsText;
  private final Provider provider;

  /** Weights of equal settings are equal. */
  Denoiser(Checkpoint like, StableDiffusion sizes, DiffusionSettings settings, long seed, Provider provider) {
    this.provider = provider;
    trainsText = !settings.freezeTextEncoder();
    unet = UNet.initial(sizes.unet().config(), seed, settings.unetType());
    textEncoder =
        trainsText ? ClipTextEncoder.initial(sizes.textEncoder().config(), seed) : ClipTextEncoder.load(like);
  }

  /** What is trained. */
  Map<String, Tensor> weights() {
    return weights(unet, trainsText ? textEncoder : null);
  }

  /**
   * By names that tell the two apart.
   *
   * @param textEncoder null if it is not trained
   */
  static Map<String, Tensor> weights(UNet unet, ClipTextEncoder textEncoder) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    unet.parameters().forEach((name, weight) -> weights.put("unet." + name, weight));
    if (textEncoder != null) {
      textEncoder.parameters().forEach((name, weight) -> weights.put("text_encoder." + name, weight));
    }
    return weights;
  }

  /**
   * Accumulates the gradients of its part of a batch's loss.
   *
   * @param weight of this part in the whole batch
   * @return {@code weight} times the mean squared error
   */
  double gradients(NoisyBatch batch, double weight) {
    try (Scope scope = new Scope();
        GradientPass pass = GradientPass.of(provider)) {
      Tensor context = pass.cut(textEncoder.encodeEmbeddings(textEncoder.embed(batch.ids()), pass));
      Tensor prediction = unet.forward(batch.noisy(), batch.timesteps(), context, pass);
      Tensor loss = torch.mse_loss(prediction, batch.target()).mul(new Scalar(weight));
      pass.backward(loss);
      return loss.item_double();
    }
  }

  @Override
  public void close() {
    unet.close();
    textEncoder.close();
  }
}
