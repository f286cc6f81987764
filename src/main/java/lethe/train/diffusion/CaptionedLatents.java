package lethe.train.diffusion;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import lethe.dataset.DatasetEntry;
import lethe.dataset.EmojiDataset;
import lethe.model.vae.Vae;
import lethe.tensor.Scope;
import lethe.train.TrainingImages;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The latents of a data set's images, encoded once, and the captions that go with them. Owns the latents. */
final class CaptionedLatents implements AutoCloseable {
  private static final int BATCH = 64;

  private final EmojiDataset dataset;
  private final List<DatasetEntry> entries;
  private final Tensor latents; // [N, C, h, w], times the scaling factor

  CaptionedLatents(EmojiDataset dataset, List<DatasetEntry> entries, Vae vae) {
    this.dataset = dataset;
    this.entries = entries;
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        TrainingImages images = new TrainingImages(dataset, entries)) {
      TensorVector encoded = new TensorVector();
      for (long start = 0; start < images.size(); start += BATCH) {
        Tensor batch = images.range(start, Math.min(BATCH, images.size() - start));
        encoded.push_back(vae.encode(batch).mean().mul(new Scalar(vae.config().scalingFactor())));
      }
      latents = Scope.own(torch.cat(encoded, 0));
    }
  }

  long size() {
    return entries.size();
  }

  /** @param indices [B] int64 */
  Tensor latents(Tensor indices) {
    return latents.index_select(0, indices);
  }

  /** One caption each. */
  List<String> captions(Tensor indices, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> captions = new ArrayList<>();
    for (long i = 0; i < indices.numel(); i++) {
      captions.add(dataset.caption(entries.get((int) indices.data_ptr_long().get(i)), random));
    }
    return captions;
  }

  @Override
  public void close() {
    latents.releaseReference();
  }
}
