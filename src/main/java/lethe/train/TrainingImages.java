package lethe.train;

import java.util.List;
import lethe.dataset.DatasetEntry;
import lethe.dataset.EmojiDataset;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The images of a data set in memory, a byte a level. Owns them. */
public final class TrainingImages implements AutoCloseable {
  private static final double HALF_RANGE = 127.5;

  private final Tensor levels; // [N, 3, S, S] uint8

  /** @throws lethe.error.UserException if an image is missing or damaged */
  public TrainingImages(EmojiDataset dataset, List<DatasetEntry> entries) {
    try (Scope scope = new Scope()) {
      levels = Scope.own(levels(dataset, entries));
    }
  }

  /**
   * The levels 0..255 of a data set's images, uint8 [N, 3, S, S]; owned by the current scope.
   *
   * @throws lethe.error.UserException if an image is missing or damaged
   */
  public static Tensor levels(EmojiDataset dataset, List<DatasetEntry> entries) {
    int side = dataset.resolution();
    int bytes = 3 * side * side;
    Tensor levels = torch.empty(new long[] {entries.size(), 3, side, side}, DType.U8.options(), null);
    for (int i = 0; i < entries.size(); i++) {
      levels.data_ptr_byte().position((long) i * bytes).put(dataset.pixels(entries.get(i)), 0, bytes);
    }
    return levels;
  }

  public long size() {
    return levels.size(0);
  }

  /**
   * Some of them.
   *
   * @param indices [B] int64
   * @return [B, 3, S, S] in [-1, 1]
   */
  public Tensor take(Tensor indices) {
    try (Scope scope = new Scope()) {
      return scope.keep(ofLevels(levels.index_select(0, indices)));
    }
  }

  /** As {@link #take}: the {@code count} from {@code start} on. */
  public Tensor range(long start, long count) {
    try (Scope scope = new Scope()) {
      return scope.keep(ofLevels(levels.narrow(0, start, count)));
    }
  }

  /** Levels 0..255 as networks take them: float32 in [-1, 1]; owned by the current scope. */
  public static Tensor ofLevels(Tensor levels) {
    try (Scope scope = new Scope()) {
      return scope.keep(levels.to(DType.F32.scalarType()).div_(new Scalar(HALF_RANGE)).sub_(new Scalar(1)));
    }
  }

  @Override
  public void close() {
    levels.releaseReference();
  }
}
