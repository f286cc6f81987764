package lethe.kernel;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** What the updates of an attack, native and composed, ask of their tensors. */
final class PgdTensors {
  private PgdTensors() {}

  static void check(Tensor x, Tensor gradient, Tensor center, PgdMoments moments, PgdUpdate update) {
    requireShape("gradient", gradient, x);
    if (update.ball() != PgdUpdate.Ball.NONE) {
      require(center != null, "a ball needs a center");
      requireShape("center", center, x);
    }
    if (update.rule().usesMoments()) {
      require(moments != null, "Adam needs moments");
      requireShape("moments", moments.expAvg(), x);
    }
  }

  /** The same for a loop, which makes gradient and moments itself. */
  static void checkStart(Tensor x, Tensor center) {
    require(x.is_contiguous(), "x must be contiguous, to be moved in place");
    if (center != null) {
      requireShape("center", center, x);
    }
  }

  /** The number of samples, each with norms of its own: a third dimension counts them. */
  static long samples(Tensor x) {
    return x.dim() > 2 ? x.size(0) : 1;
  }

  static void requireShape(String name, Tensor tensor, Tensor x) {
    if (!tensor.is_same_size(x)) {
      throw new IllegalArgumentException(
          "pgd: " + name + " must have the shape of x, " + shape(x) + ", got " + shape(tensor));
    }
  }

  static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("pgd: " + what);
    }
  }

  static String shape(Tensor tensor) {
    long[] sizes = new long[(int) tensor.dim()];
    Arrays.setAll(sizes, tensor::size);
    return Arrays.toString(sizes);
  }
}
