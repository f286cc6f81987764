package lethe.train.vae;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.kernel.Provider;
import lethe.model.vae.LatentDistribution;
import lethe.model.vae.Vae;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import lethe.train.Draws;
import lethe.train.OptimizerSettings;
import lethe.train.TrainedWeights;
import lethe.train.Training;
import lethe.train.TrainingImages;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Trains an AutoencoderKL from nothing: absolute and squared error of the image that comes back, and a little of the
 * latents' divergence from a standard normal, which keeps them smooth. Owns its networks.
 */
public final class VaeTraining implements Training {
  private static final double KL_WEIGHT = 1e-4;
  private static final int SCALING_BATCH = 64;

  private final Checkpoint like;
  private final TrainingImages images;
  private final OptimizerSettings settings;
  private final Vae vae;
  private final Vae average;
  private final TrainedWeights trained;

  /**
   * @param like whose VAE's sizes the new one gets, and into a copy of which it is written
   * @param images to train on; they stay the caller's
   * @param identity what a run that goes on must have in common with the one that was saved
   */
  public VaeTraining(
      Checkpoint like,
      TrainingImages images,
      OptimizerSettings settings,
      Map<String, String> identity,
      Provider provider) {
    this.like = like;
    this.images = images;
    this.settings = settings;
    average = Vae.load(like);
    vae = Vae.initial(average.config(), settings.seed());
    trained = settings.trained("train vae", identity, vae.parameters(), average.parameters(), provider);
  }

  @Override
  public long steps() {
    return trained.steps();
  }

  @Override
  public double step() {
    long done = steps();
    try (Scope scope = new Scope()) {
      Draws draws = new Draws(settings.seed(), done);
      Tensor batch = images.take(draws.integers(images.size(), settings.batchSize()));
      LatentDistribution latents = vae.encode(batch);
      Tensor deviation = torch.exp(latents.logVariance().mul(new Scalar(0.5)));
      Tensor restored = vae.decode(latents.mean().add(deviation.mul(draws.normal(deviation.shape()))));
      Tensor loss =
          torch.l1_loss(restored, batch)
              .add(torch.mse_loss(restored, batch))
              .add(divergence(latents), new Scalar(KL_WEIGHT));
      return trained.step(
          () -> {
            loss.backward();
            return loss.item_double();
          });
    }
  }

  /** Of the latents' distribution from a standard normal, a latent: (mean^2 + variance - 1 - log variance) / 2. */
  private static Tensor divergence(LatentDistribution latents) {
    Tensor logVariance = latents.logVariance();
    Tensor sum = latents.mean().square().add(torch.exp(logVariance)).sub(logVariance).sub(new Scalar(1));
    return sum.mean().mul(new Scalar(0.5));
  }

  @Override
  public void save(Path file) {
    trained.save(file);
  }

  @Override
  public void resume(Path file) {
    trained.resume(file);
  }

  /**
   * Writes a copy of the checkpoint it is like, with the new VAE. Its latents, times the config's scaling factor, have
   * variance 1: the factor that is missing is folded into the two convolutions around them.
   */
  @Override
  public void export(Path out, DType type) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      double factor = 1 / (latentDeviation() * average.config().scalingFactor());
      Map<String, Tensor> weights = average.parametersAs(DType.F32);
      int latent = average.config().latentChannels();
      for (String name : List.of("quant_conv.weight", "quant_conv.bias")) {
        Tensor scaled = weights.get(name).clone();
        scaled.narrow(0, 0, latent).mul_(new Scalar(factor));
        if (name.endsWith("bias")) {
          scaled.narrow(0, latent, latent).add_(new Scalar(2 * Math.log(factor)));
        }
        weights.put(name, scaled);
      }
      weights.put("post_quant_conv.weight", weights.get("post_quant_conv.weight").div(new Scalar(factor)));
      weights.replaceAll((name, weight) -> weight.to(type.scalarType()));
      like.saveWith(Map.of(Component.VAE, weights), out);
    }
  }

  /** Over all latents of all images. */
  private double latentDeviation() {
    double sum = 0;
    double squares = 0;
    double count = 0;
    for (long start = 0; start < images.size(); start += SCALING_BATCH) {
      try (Scope scope = new Scope()) {
        Tensor mean =
            average.encode(images.range(start, Math.min(SCALING_BATCH, images.size() - start))).mean().to(
                DType.F64.scalarType());
        sum += mean.sum().item_double();
        squares += mean.square().sum().item_double();
        count += mean.numel();
      }
    }
    return Math.sqrt(squares / count - sum / count * (sum / count));
  }

  /**
   * Images from all over the data, and behind them what comes back of them: [2 * count, 3, S, S] in about [-1, 1].
   *
   * @param count at most as many as there are images
   */
  public Tensor restored(long count) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      long stride = images.size() / count;
      Tensor batch = images.take(Tensor.create(LongStream.range(0, count).map(i -> i * stride).toArray()));
      return scope.keep(torch.cat(new TensorVector(batch, average.decode(average.encode(batch).mean())), 0));
    }
  }

  @Override
  public void close() {
    trained.close();
    vae.close();
    average.close();
  }
}
