package lethe.train.diffusion;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.dataset.EmojiDataset;
import lethe.dataset.Split;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.model.clip.TokenIds;
import lethe.model.scheduler.NoiseSchedule;
import lethe.model.scheduler.PredictionType;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import lethe.train.Draws;
import lethe.train.MasterWeights;
import lethe.train.OptimizerSettings;
import lethe.train.TrainedWeights;
import lethe.train.Training;
import lethe.train.Workers;
import org.bytedeco.pytorch.Tensor;

/**
 * Trains a UNet, and its text encoder unless that is given, from nothing: the mean squared error of the predicted noise
 * (arXiv 2006.11239, equation 14) at uniform timesteps, under captions of which some are empty. Owns its networks.
 */
public final class DiffusionTraining implements Training {
  private final Checkpoint like;
  private final DiffusionSettings settings;
  private final OptimizerSettings optimizer;
  private final StableDiffusion average;
  private final List<Denoiser> replicas = new ArrayList<>();
  private final Workers workers;
  private final CaptionedLatents data;
  private final NoiseSchedule schedule;
  private final MasterWeights masters; // null where a single float32 replica's own weights are trained
  private final TrainedWeights trained;

  /**
   * @param like whose sizes the new networks get, whose VAE and tokenizer it uses, and into a copy of which it writes
   * @param identity what a run that goes on must have in common with the one that was saved
   */
  public DiffusionTraining(
      Checkpoint like,
      EmojiDataset dataset,
      DiffusionSettings settings,
      OptimizerSettings optimizer,
      Map<String, String> identity,
      Provider provider) {
    this.like = like;
    this.settings = settings;
    this.optimizer = optimizer;
    average = StableDiffusion.load(like);
    schedule = NoiseSchedule.of(average.schedulerConfig());
    for (int worker = 0; worker < settings.workers(); worker++) {
      replicas.add(new Denoiser(like, average, settings, optimizer.seed(), provider));
    }
    workers = new Workers(settings.workers());
    data = new CaptionedLatents(dataset, dataset.entries(Split.TRAIN), average.vae());
    boolean direct = settings.workers() == 1 && settings.unetType() == DType.F32;
    masters = direct ? null : new MasterWeights(replicas.stream().map(Denoiser::weights).toList());
    Map<String, Tensor> weights = direct ? replicas.get(0).weights() : masters.masters();
    Map<String, Tensor> averages =
        Denoiser.weights(average.unet(), settings.freezeTextEncoder() ? null : average.textEncoder());
    trained = optimizer.trained("train diffusion", identity, weights, averages, provider);
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
    try (Scope scope = new Scope()) {
      NoisyBatch batch = batch(steps());
      double loss = trained.step(() -> gradients(batch));
      round();
      return loss;
    }
  }

  private NoisyBatch batch(long step) {
    Draws draws = new Draws(optimizer.seed(), step);
    Tensor indices = draws.integers(data.size(), optimizer.batchSize());
    Tensor latents = data.latents(indices);
    Tensor noise = draws.normal(latents.shape());
    Tensor timesteps = draws.integers(schedule.trainTimesteps(), optimizer.batchSize());
    Tensor target =
        schedule.predictionType() == PredictionType.V_PREDICTION
            ? schedule.velocity(latents, noise, timesteps)
            : noise;
    Tensor ids =
        TokenIds.of(average.tokenizer(), data.captions(indices, optimizer.seed() + step * Draws.SEED_STRIDE));
    return new NoisyBatch(schedule.addNoise(latents, noise, timesteps), timesteps, target, ids);
  }

  private double gradients(NoisyBatch batch) {
    double loss = workers.sum(worker -> gradients(worker, batch));
    if (masters != null) {
      masters.moveGradients();
    }
    return loss;
  }

  /** Of one worker's share, whose mean counts for as much of the whole mean as it has images. */
  private double gradients(int worker, NoisyBatch batch) {
    long size = optimizer.batchSize();
    long start = size * worker / workers.count();
    long count = size * (worker + 1) / workers.count() - start;
    try (Scope scope = new Scope()) {
      return replicas.get(worker).gradients(batch.narrow(start, count), (double) count / size);
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
  public void export(Path out, DType type) {
    try (Scope scope = new Scope()) {
      Map<Component, Map<String, Tensor>> changed = new EnumMap<>(Component.class);
      changed.put(Component.UNET, average.unet().parametersAs(type));
      if (!settings.freezeTextEncoder()) {
        changed.put(Component.TEXT_ENCODER, average.textEncoder().parametersAs(type));
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
    workers.close();
    replicas.forEach(Denoiser::close);
    average.close();
  }
}
