package lethe.kernel;

import java.util.Arrays;
import lethe.tensor.Device;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

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
    require(x.is_contiguous(), "x", "must be contiguous", x);
    if (center != null) {
      requireShape("center", center, x);
    }
  }

  /** The number of samples, each with norms of its own: a third dimension counts them. */
  static long samples(Tensor x) {
    return x.dim() > 2 ? x.size(0) : 1;
  }

  /** The data of a contiguous fp32 tensor on {@code device}. */
  static Pointer data(String name, Tensor tensor, Device device) {
    require(tensor.scalar_type().intern() == ScalarType.Float, name, "must be fp32", tensor);
    return dataOfAnyType(name, tensor, device);
  }

  /** The data of a contiguous tensor on {@code device}. */
  static Pointer dataOfAnyType(String name, Tensor tensor, Device device) {
    require(Launch.takes(tensor), name, "must be on the CPU or a GPU", tensor);
    require(Device.of(tensor).equals(device), name, "must be on the device of x", tensor);
    require(tensor.is_contiguous(), name, "must be contiguous", tensor);
    return tensor.data_ptr();
  }

  static void checkStatus(int status, Tensor x) {
    if (status == LetheKernels.OUT_OF_MEMORY) {
      throw new OutOfMemoryError("pgd over " + shape(x));
    }
    if (status != LetheKernels.OK) {
      throw new IllegalStateException("pgd over " + shape(x) + ": " + LetheKernels.statusString(status));
    }
  }

  private static void requireShape(String name, Tensor tensor, Tensor x) {
    if (!tensor.is_same_size(x)) {
      throw new IllegalArgumentException(
          "pgd: " + name + " must have the shape of x, " + shape(x) + ", got " + shape(tensor));
    }
  }

  static void require(boolean holds, String name, String what, Tensor tensor) {
    if (!holds) {
      throw new IllegalArgumentException(
          "pgd: " + name + " " + what + ", got " + tensor.scalar_type().intern() + " " + shape(tensor));
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("pgd: " + what);
    }
  }

  private static String shape(Tensor tensor) {
    long[] sizes = new long[(int) tensor.dim()];
    Arrays.setAll(sizes, tensor::size);
    return Arrays.toString(sizes);
  }
}
