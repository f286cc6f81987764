package lethe.attack.judge;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import lethe.image.ImageFile;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Judges by the nearest reference picture: the correlation of brightness at 32 x 32 pixels.
 *
 * <p>No trained classifier. It works where a concept's pictures are drawn at the same place and size, as those of the
 * bundled model are, and it always names some concept; photographs need a trained judge. Owns its tensors.
 */
public final class ReferenceJudge implements ConceptJudge, AutoCloseable {
  private static final int SIDE = 32;

  private final List<String> conceptOfRow = new ArrayList<>();
  private final Tensor signatures; // [R, SIDE * SIDE], a row per reference picture

  private ReferenceJudge(Map<String, List<Path>> references) {
    try (Scope scope = new Scope()) {
      TensorVector rows = new TensorVector();
      references.forEach(
          (concept, files) -> {
            for (Path file : files) {
              conceptOfRow.add(concept);
              rows.push_back(signature(ImageFile.read(file)));
            }
          });
      signatures = Scope.own(torch.stack(rows));
    }
  }

  /**
   * Reads reference pictures: a folder per concept, or files named by concept.
   *
   * @throws lethe.error.UserException if there are none, of fewer than two concepts, or one cannot be read
   */
  public static ReferenceJudge of(Path folder) {
    return new ReferenceJudge(ReferenceFolder.list(folder));
  }

  @Override
  public Set<String> concepts() {
    return new TreeSet<>(conceptOfRow);
  }

  @Override
  public Verdict judge(Tensor image) {
    try (Scope scope = new Scope()) {
      Tensor correlations = signatures.matmul(signature(image));
      int best = (int) correlations.argmax().item_long();
      return new Verdict(conceptOfRow.get(best), correlations.select(0, best).item_double());
    }
  }

  /** Brightness without its mean, of norm 1, [SIDE * SIDE]: the product of two of them is their correlation. */
  private static Tensor signature(Tensor image) {
    try (Scope scope = new Scope()) {
      Tensor brightness = image.detach().mean(0).unsqueeze(0).unsqueeze(0);
      Tensor pooled = torch.adaptive_avg_pool2d(brightness, SIDE, SIDE).flatten();
      Tensor centred = pooled.sub(pooled.mean());
      // A picture of one colour has no shape to compare: it correlates with nothing.
      return scope.keep(centred.div(centred.norm().clamp_min(new Scalar(1e-12))));
    }
  }

  @Override
  public void close() {
    signatures.releaseReference();
  }
}
