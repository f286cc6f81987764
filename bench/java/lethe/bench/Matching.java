package lethe.bench;

import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** The condition under which a kernel is timed: that it has just computed the right numbers. */
final class Matching {
  private Matching() {}

  /**
   * Passes where a kernel's error is at most twice that of the composed operations in the same precision, and a rounding
   * of the result where those happen to be exact. Errors are L2 norms of differences to {@code exact}.
   *
   * @param name of the result, for the message
   * @param ours the kernel's result
   * @param composed the same by LibTorch's operations
   * @param exact the same by LibTorch's operations in double
   * @throws IllegalStateException where it does not match; JMH then stops
   */
  static void check(String name, Tensor ours, Tensor composed, Tensor exact) {
    try (Scope scope = new Scope()) {
      double error = distance(ours, exact);
      double allowed = 2 * distance(composed, exact) + rounding(ours) * exact.detach().norm().item_double();
      if (!(error <= allowed)) {
        throw new IllegalStateException(
            "the kernel does not match in " + name + ": error " + error + ", allowed " + allowed);
      }
    }
  }

  /** A few units roundoff of float32, one of bfloat16. */
  private static double rounding(Tensor tensor) {
    return switch (DType.of(tensor.scalar_type())) {
      case F32 -> 4e-7;
      case BF16 -> 4e-3;
      default -> 0;
    };
  }

  private static double distance(Tensor a, Tensor b) {
    return a.detach().to(DType.F64.scalarType()).sub(b.detach()).norm().item_double();
  }
}
