package lethe.model;

import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.error.UserException;
import lethe.model.clip.ClipTextConfig;
import lethe.model.clip.ClipTextEncoder;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.PredictionPass;
import lethe.model.layer.SamplingPass;
import lethe.model.scheduler.Scheduler;
import lethe.model.scheduler.SchedulerConfig;
import lethe.model.scheduler.Schedulers;
import lethe.model.unet.UNet;
import lethe.model.unet.UNetConfig;
import lethe.model.vae.Vae;
import lethe.model.vae.VaeConfig;
import lethe.profile.PhaseEvent;
import lethe.profile.StepEvent;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import lethe.text.ClipTokenizer;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A text-to-image pipeline: diffusers' StableDiffusionPipeline. Owns its networks; the UNet runs in a type of choice,
 * everything else in float32.
 */
public final class StableDiffusion implements AutoCloseable {
  private final ClipTokenizer tokenizer;
  private final ClipTextEncoder textEncoder;
  private final UNet unet;
  private final Vae vae;
  private final SchedulerConfig schedulerConfig;

  private StableDiffusion(Checkpoint checkpoint, DType unetType, Device device) {
    schedulerConfig = SchedulerConfig.of(checkpoint.config(Component.SCHEDULER));
    textEncoder = ClipTextEncoder.load(checkpoint, device);
    unet = UNet.load(checkpoint, unetType, device);
    vae = Vae.load(checkpoint, device);
    tokenizer =
        checkpoint
            .tokenizerFolder()
            .map(ClipTokenizer::load)
            .orElseGet(() -> bundledTokenizer(checkpoint));
    checkFit(checkpoint.path(), textEncoder.config(), unet.config(), vae.config());
  }

  /** As {@link #load(Checkpoint, DType, Device)}, all in fp32 on the CPU. */
  public static StableDiffusion load(Checkpoint checkpoint) {
    return load(checkpoint, Device.CPU);
  }

  /** As {@link #load(Checkpoint, DType, Device)}, all in fp32. */
  public static StableDiffusion load(Checkpoint checkpoint, Device device) {
    return load(checkpoint, DType.F32, device);
  }

  /**
   * Loads every component of a checkpoint.
   *
   * @param unetType what the UNet computes in: fp32, or bf16 for one that is not trained
   * @throws UserException if a component is missing, broken, or does not fit the others
   */
  public static StableDiffusion load(Checkpoint checkpoint, DType unetType, Device device) {
    return new StableDiffusion(checkpoint, unetType, device);
  }

  private ClipTokenizer bundledTokenizer(Checkpoint checkpoint) {
    String padToken = checkpoint.config(Component.TOKENIZER).path("pad_token").asText();
    return ClipTokenizer.bundled(textEncoder.config().vocabSize(), padToken);
  }

  private void checkFit(Path path, ClipTextConfig text, UNetConfig unetConfig, VaeConfig vaeConfig) {
    String where = path + ": ";
    if (text.hiddenSize() != unetConfig.crossAttentionDim()) {
      throw UserException.failed(
          where + "the text encoder's hidden_size " + text.hiddenSize() + " is not the UNet's cross_attention_dim "
              + unetConfig.crossAttentionDim() + "; the components come from different models");
    }
    if (vaeConfig.latentChannels() != unetConfig.outChannels() || unetConfig.inChannels() != unetConfig.outChannels()) {
      throw UserException.failed(
          where + "the UNet's in_channels " + unetConfig.inChannels() + " and out_channels " + unetConfig.outChannels()
              + " must both be the VAE's latent_channels " + vaeConfig.latentChannels()
              + "; inpainting and depth models are not supported");
    }
    if (tokenizer.vocabularySize() > text.vocabSize()) {
      throw UserException.failed(
          where + "the tokenizer has " + tokenizer.vocabularySize() + " tokens but the text encoder only "
              + text.vocabSize() + "; take both from the same model");
    }
  }

  /** Where the networks lie; what they are given must lie there, and what they return does. */
  public Device device() {
    return unet.device();
  }

  public ClipTokenizer tokenizer() {
    return tokenizer;
  }

  public ClipTextEncoder textEncoder() {
    return textEncoder;
  }

  public UNet unet() {
    return unet;
  }

  public Vae vae() {
    return vae;
  }

  public SchedulerConfig schedulerConfig() {
    return schedulerConfig;
  }

  /** Side of the images the model was trained on, in pixels. */
  public int nativeResolution() {
    return unet.config().sampleSize() * vae.config().downsamplingFactor();
  }

  /** The text context of prompts, [B, T, D]; owned by the current scope. */
  public Tensor encodePrompts(List<String> prompts) {
    try (Scope scope = new Scope();
        PhaseEvent phase = PhaseEvent.of("encode prompts");
        NoGradGuard noGrad = new NoGradGuard()) {
      int length = tokenizer.maxLength();
      long[] ids = new long[prompts.size() * length];
      for (int i = 0; i < prompts.size(); i++) {
        int[] padded = tokenizer.encodePadded(prompts.get(i));
        for (int j = 0; j < length; j++) {
          ids[i * length + j] = padded[j];
        }
      }
      return scope.keep(textEncoder.encode(device().place(Tensor.create(ids, prompts.size(), length))));
    }
  }

  /**
   * Standard normal start latents, on every device the same as PyTorch draws on the CPU from this seed.
   *
   * @return [1, C, height / f, width / f]
   */
  public Tensor startLatents(long seed, int height, int width) {
    try (Scope scope = new Scope()) {
      int factor = vae.config().downsamplingFactor();
      Generator generator = torch.make_generator_cpu(seed);
      long[] shape = {1, unet.config().inChannels(), height / factor, width / factor};
      return scope.keep(device().place(torch.randn(shape, new GeneratorOptional(generator))));
    }
  }

  /** As {@link #startLatents(long, int, int)}, a row for each seed: [B, C, height / f, width / f]. */
  public Tensor startLatents(List<Long> seeds, int height, int width) {
    try (Scope scope = new Scope()) {
      TensorVector rows = new TensorVector();
      seeds.forEach(seed -> rows.push_back(startLatents(seed, height, width)));
      return scope.keep(torch.cat(rows, 0));
    }
  }

  /**
   * Denoises latents under classifier-free guidance (arXiv 2207.12598).
   *
   * @param startLatents [B, C, h, w], standard normal
   * @param settings prompt, scheduler, number of steps, guidance scale
   * @param onStep told the number of steps done, after each
   * @return [B, C, h, w], times the VAE's scaling factor
   */
  public Tensor sample(Tensor startLatents, SamplingSettings settings, IntConsumer onStep) {
    try (Scope scope = new Scope()) {
      return scope.keep(sample(startLatents, encodePrompts(List.of(settings.prompt())), settings, onStep));
    }
  }

  /**
   * As {@link #sample(Tensor, SamplingSettings, IntConsumer)}, under a text context instead of the settings' prompt.
   *
   * @param conditional [1, T, D], or [B, T, D] with a context for each latent
   */
  public Tensor sample(Tensor startLatents, Tensor conditional, SamplingSettings settings, IntConsumer onStep) {
    return sample(startLatents, conditional, settings, PredictionPass.INSTANCE, onStep);
  }

  /**
   * As {@link #sample(Tensor, Tensor, SamplingSettings, IntConsumer)}, with every UNet pass run as {@code pass}.
   *
   * @param pass one that goes on to the output; under guidance, a pass has the conditional latents behind the others
   */
  public Tensor sample(
      Tensor startLatents, Tensor conditional, SamplingSettings settings, AttentionPass pass, IntConsumer onStep) {
    try (Scope scope = new Scope();
        PhaseEvent phase = PhaseEvent.of("sample");
        NoGradGuard noGrad = new NoGradGuard();
        SamplingPass steps = new SamplingPass(pass);
        Scheduler scheduler = Schedulers.create(settings.scheduler(), schedulerConfig)) {
      scheduler.setTimesteps(settings.steps());
      boolean guided = settings.guidanceScale() > 1;
      long batch = startLatents.size(0);
      Tensor context = conditional.expand(batch, -1, -1);
      if (guided) {
        Tensor negative = encodePrompts(List.of(settings.negativePrompt())).expand(batch, -1, -1);
        context = torch.cat(new TensorVector(negative, context), 0);
      }
      Tensor latents = startLatents.mul(new Scalar(scheduler.initNoiseSigma()));
      double[] timesteps = scheduler.timesteps();
      for (int i = 0; i < timesteps.length; i++) {
        try (StepEvent step = StepEvent.of(StepEvent.SAMPLING, i + 1)) {
          latents = step(scheduler, i, latents, context, guided ? settings.guidanceScale() : 1, steps);
        }
        onStep.accept(i + 1);
      }
      return scope.keep(latents);
    }
  }

  private Tensor step(
      Scheduler scheduler, int index, Tensor latents, Tensor context, double guidanceScale, AttentionPass pass) {
    try (Scope scope = new Scope()) {
      boolean guided = guidanceScale > 1;
      Tensor input = scheduler.scaleModelInput(latents, index);
      Tensor timestep = device().place(Tensor.create((float) scheduler.timesteps()[index]));
      Tensor prediction = unet.forward(input, timestep, context, pass);
      if (guided) {
        long batch = latents.size(0);
        Tensor unconditional = prediction.narrow(0, 0, batch);
        Tensor conditional = prediction.narrow(0, batch, batch);
        prediction = unconditional.add(conditional.sub(unconditional), new Scalar(guidanceScale));
      }
      return scope.keep(scheduler.step(prediction, index, latents));
    }
  }

  /**
   * @param latents as {@link #sample} returns them
   * @return images, [B, 3, H, W], about [-1, 1], not clamped
   */
  public Tensor decode(Tensor latents) {
    try (Scope scope = new Scope();
        PhaseEvent phase = PhaseEvent.of("decode");
        NoGradGuard noGrad = new NoGradGuard()) {
      return scope.keep(vae.decode(latents.div(new Scalar(vae.config().scalingFactor()))));
    }
  }

  @Override
  public void close() {
    textEncoder.close();
    unet.close();
    vae.close();
  }
}
