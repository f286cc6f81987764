package lethe.train.diffusion;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.dataset.EmojiDataset;
import lethe.dataset.Split;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.model.clip.ClipTextEncoder;
import lethe.model.clip.TokenIds;
import lethe.model.layer.GradientPass;
import lethe.model.scheduler.NoiseSchedule;
import lethe.model.scheduler.PredictionType;
import lethe.model.unet.UNet;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import lethe.train.Draws;
import lethe.train.MasterWeights;
import lethe.train.OptimizerSettings;
import lethe.train.TrainedWeights;
import lethe.train.Training;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Trains a UNet, and its text encoder unless that is given, from nothing: the mean squared error of the predicted noise
 * (arXiv 2006.11239, equation 14) at uniform timesteps, under captions of which some are empty. Owns its networks.
 */
public final class DiffusionTraining implements Training {
  private final Checkpoint like;
  private final OptimizerSettings settings;
  private final Provider provider;
  private final StableDiffusion average;
  private final UNet unet;
  private final ClipTextEncoder textEncoder;
  private final boolean trainsText;
  private final CaptionedLatents data;
  private final NoiseSchedule schedule;
  private final MasterWeights masters; // null where the UNet computes in float32
  private final TrainedWeights trained;

  /**
   * @param like whose sizes the new networks get, whose VAE and tokenizer it uses, and into a copy of which it writes
   * @param freezeTextEncoder whether the text encoder is that of {@code like}
   * @param unetType what the UNet computes in, fp32 or bf16; the text encoder computes in fp32
   * @param identity what a run that goes on must have in common with the one that was saved
   */
  public DiffusionTraining(
      Checkpoint like,
      EmojiDataset dataset,
      boolean freezeTextEncoder,
      DType unetType,
      OptimizerSettings settings,
      Map<String, String> identity,
      Provider provider) {
    this.like = like;
    this.settings = settings;
    this.provider = provider;
    trainsText = !freezeTextEncoder;
    average = StableDiffusion.load(like);
    schedule = NoiseSchedule.of(average.schedulerConfig());
    unet = UNet.initial(average.unet().config(), settings.seed(), unetType);
    masters = unetType == DType.F32 ? null : new MasterWeights(unet.parameters());
    textEncoder =
        trainsText
            ? ClipTextEncoder.initial(average.textEncoder().config(), settings.seed())
            : ClipTextEncoder.load(like);
    data = new CaptionedLatents(dataset, dataset.entries(Split.TRAIN), average.vae());
    Map<String, Tensor> unetWeights = masters == null ? unet.parameters() : masters.masters();
    Map<String, Tensor> weights = prefixed(unetWeights, textEncoder);
    Map<String, Tensor> averages = prefixed(average.unet().parameters(), average.textEncoder());
    trained = settings.trained("train diffusion", identity, weights, averages, provider);
  }

  /** What is trained of the two, by names that tell them apart. */
  private Map<String, Tensor> prefixed(Map<String, Tensor> unet, ClipTextEncoder textEncoder) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    unet.forEach((name, weight) -> weights.put("unet." + name, weight));
    if (trainsText) {
      textEncoder.parameters().forEach((name, weight) -> weights.put("text_encoder." + name, weight));
    }
    return weights;
  }

  /** The model with the moving average of the weights; this training's own. */
  public StableDiffusion average() {
    return average;
  }

  @Override
  public long steps() {
    return trained.steps();
  }

  @Override
  public double step() {
    long done = steps();
    try (Scope scope = new Scope();
        GradientPass pass = GradientPass.of(provider)) {
      Draws draws = new Draws(settings.seed(), done);
      Tensor indices = draws.integers(data.size(), settings.batchSize());
      Tensor latents = data.latents(indices);
      Tensor noise = draws.normal(latents.shape());
      Tensor timesteps = draws.integers(schedule.trainTimesteps(), settings.batchSize());
      Tensor ids =
          TokenIds.of(average.tokenizer(), data.captions(indices, settings.seed() + done * Draws.SEED_STRIDE));
      Tensor context = pass.cut(textEncoder.encodeEmbeddings(textEncoder.embed(ids), pass));
      Tensor prediction = unet.forward(schedule.addNoise(latents, noise, timesteps), timesteps, context, pass);
      Tensor target =
          schedule.predictionType() == PredictionType.V_PREDICTION
              ? schedule.velocity(latents, noise, timesteps)
              : noise;
      Tensor loss = torch.mse_loss(prediction, target);
      double value = trained.step(loss, () -> backward(pass, loss));
      round();
      return value;
    }
  }

  private void backward(GradientPass pass, Tensor loss) {
    pass.backward(loss);
    if (masters != null) {
      masters.moveGradients();
    }
  }

  private void round() {
    if (masters != null) {
      masters.round();
    }
  }

  @Override
  public void save(Path file) {
    trained.save(file);
  }

  @Override
  public void resume(Path file) {
    trained.resume(file);
    round();
  }

  /** Writes a copy of the checkpoint it is like, with the new networks. */
  @Override
  public void export(Path out) {
    try (Scope scope = new Scope()) {
      Map<Component, Map<String, Tensor>> changed = new EnumMap<>(Component.class);
      changed.put(Component.UNET, average.unet().parametersAs(DType.F32));
      if (trainsText) {
        changed.put(Component.TEXT_ENCODER, average.textEncoder().parametersAs(DType.F32));
      }
      like.saveWith(changed, out);
    }
  }

  @Override
  public void close() {
    trained.close();
    if (masters != null) {
      masters.close();
    }
    data.close();
    unet.close();
    textEncoder.close();
    average.close();
  }
}
