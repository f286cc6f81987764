package lethe.train.classifier;

import java.util.List;
import lethe.dataset.DatasetEntry;
import lethe.dataset.EmojiDataset;
import lethe.model.vae.Vae;
import lethe.tensor.Scope;
import lethe.train.Draws;
import lethe.train.TrainingImages;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Pictures in memory with what they show. Owns its tensors. */
public final class LabelledPictures implements AutoCloseable {
  private static final int CHUNK = 32;
  private static final double MOST_LATENT_NOISE = 0.5; // of the scaled latents' unit deviation

  private final Tensor levels; // [N, 3, S, S] uint8
  private final Tensor concepts; // [N] int64
  private final Tensor styles; // [N] int64

  private LabelledPictures(Tensor levels, Tensor concepts, Tensor styles) {
    this.levels = Scope.own(levels);
    this.concepts = Scope.own(concepts);
    this.styles = Scope.own(styles);
  }

  /**
   * Some of them.
   *
   * @param images [B, 3, S, S] in [-1, 1]
   * @param concepts [B] int64
   * @param styles [B] int64
   */
  record Batch(Tensor images, Tensor concepts, Tensor styles) {}

  /**
   * Reads {@code entries} of a data set.
   *
   * @throws lethe.error.UserException if a picture is missing or damaged
   */
  public static LabelledPictures of(EmojiDataset dataset, List<DatasetEntry> entries) {
    try (Scope scope = new Scope()) {
      long[] concepts = new long[entries.size()];
      long[] styles = new long[entries.size()];
      for (int i = 0; i < entries.size(); i++) {
        concepts[i] = entries.get(i).concept();
        styles[i] = entries.get(i).style();
      }
      return new LabelledPictures(
          TrainingImages.levels(dataset, entries), Tensor.create(concepts), Tensor.create(styles));
    }
  }

  /** These, and twice as a VAE gives them back: as they are, and with disturbed latents. */
  public LabelledPictures withCopies(Vae vae, long seed) {
    try (Scope scope = new Scope();
        LabelledPictures plain = through(vae, 0, new Draws(seed, -1));
        LabelledPictures disturbed = through(vae, MOST_LATENT_NOISE, new Draws(seed, -2))) {
      return joined(List.of(this, plain, disturbed));
    }
  }

  /**
   * The same pictures as a VAE gives them back, their latents disturbed by noise: what a latent diffusion model draws
   * looks like that.
   *
   * @param mostNoise the largest standard deviation of the noise, in units of the scaled latents
   */
  private LabelledPictures through(Vae vae, double mostNoise, Draws draws) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor decoded = torch.empty_like(levels);
      for (long start = 0; start < size(); start += CHUNK) {
        try (Scope chunk = new Scope()) {
          long count = Math.min(CHUNK, size() - start);
          Tensor mean = vae.encode(TrainingImages.ofLevels(levels.narrow(0, start, count))).mean();
          Tensor deviation = draws.uniform(0, mostNoise / vae.config().scalingFactor(), count, 1, 1, 1);
          Tensor latents = mean.add(draws.normal(mean.shape()).mul_(deviation));
          Tensor images = vae.decode(latents).clamp(scalar(-1), scalar(1)).add_(new Scalar(1)).mul_(new Scalar(127.5));
          decoded.narrow(0, start, count).copy_(images.round_());
        }
      }
      return new LabelledPictures(decoded, concepts, styles);
    }
  }

  private static ScalarOptional scalar(double value) {
    return new ScalarOptional(new Scalar(value));
  }

  /** All of these, one behind the other. */
  private static LabelledPictures joined(List<LabelledPictures> parts) {
    try (Scope scope = new Scope()) {
      TensorVector levels = new TensorVector();
      TensorVector concepts = new TensorVector();
      TensorVector styles = new TensorVector();
      for (LabelledPictures part : parts) {
        levels.push_back(part.levels);
        concepts.push_back(part.concepts);
        styles.push_back(part.styles);
      }
      return new LabelledPictures(torch.cat(levels), torch.cat(concepts), torch.cat(styles));
    }
  }

  long size() {
    return levels.size(0);
  }

  /** @param indices [B] int64 */
  Batch take(Tensor indices) {
    return new Batch(
        TrainingImages.ofLevels(levels.index_select(0, indices)), concepts.index_select(0, indices), styles.index_select(0, indices));
  }

  /** The {@code count} from {@code start} on. */
  Batch range(long start, long count) {
    return new Batch(
        TrainingImages.ofLevels(levels.narrow(0, start, count)), concepts.narrow(0, start, count), styles.narrow(0, start, count));
  }

  @Override
  public void close() {
    levels.releaseReference();
    concepts.releaseReference();
    styles.releaseReference();
  }
}
