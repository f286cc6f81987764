package lethe.image;

import java.util.List;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Lays images of one size out in rows, to be compared at a glance. */
public final class ImageGrid {
  private static final int GAP = 2; // pixels between neighbours

  private ImageGrid() {}

  /**
   * One image of all, with white gaps of 2 pixels between neighbours; a row shorter than the longest ends in white.
   *
   * @param rows images [3, H, W] in [-1, 1], all of one size; at least one
   * @return float32 [3, rows * (H + 2) - 2, columns * (W + 2) - 2] in [-1, 1] on the CPU, owned by the current scope
   * @throws IllegalArgumentException if there is no image or the sizes differ
   */
  public static Tensor of(List<List<Tensor>> rows) {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    if (columns == 0) {
      throw new IllegalArgumentException("no image to lay out");
    }
    Tensor first = rows.stream().flatMap(List::stream).findFirst().orElseThrow();
    Pixels.requireImage(first);
    long height = first.size(1);
    long width = first.size(2);
    try (Scope scope = new Scope()) {
      long[] shape = {3, rows.size() * (height + GAP) - GAP, columns * (width + GAP) - GAP};
      Tensor grid = torch.full(shape, new Scalar(1f), DType.F32.options());
      for (int r = 0; r < rows.size(); r++) {
        for (int c = 0; c < rows.get(r).size(); c++) {
          Tensor image = rows.get(r).get(c);
          requireSize(image, height, width);
          grid.narrow(1, r * (height + GAP), height).narrow(2, c * (width + GAP), width).copy_(image.detach());
        }
      }
      return scope.keep(grid);
    }
  }

  private static void requireSize(Tensor image, long height, long width) {
    Pixels.requireImage(image);
    if (image.size(1) != height || image.size(2) != width) {
      throw new IllegalArgumentException("images of one grid must have one size: %d x %d after %d x %d"
          .formatted(image.size(1), image.size(2), height, width));
    }
  }
}
