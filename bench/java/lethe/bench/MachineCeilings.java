package lethe.bench;

import lethe.tensor.DType;
import lethe.tensor.Scope;
import lethe.tensor.Threads;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What this machine reaches with the threads in use: a large matrix product, in float32 and bfloat16, and a stream triad
 * a = b + 3 c over arrays that no cache holds. Both are LibTorch's, so they use the threads that the kernels use.
 *
 * @param gflopsF32 GFLOP/s of a float32 matrix product
 * @param gflopsBf16 GFLOP/s of a bfloat16 matrix product
 * @param gbps GB/s of the triad, counted as STREAM does: two arrays read, one written
 */
public record MachineCeilings(int threads, double gflopsF32, double gflopsBf16, double gbps) {
  private static final int MATRIX_SIDE = 2048;
  private static final int SMALL_SIDE = 256;
  private static final double LONGEST_CALL_SECONDS = 1;
  private static final long TRIAD_FLOATS = 32L << 20;
  private static final double PROBE_SECONDS = 0.5;

  /**
   * Runs the probes, which takes about three seconds. The best of several calls counts: it is what the machine can do.
   * OpenBLAS, which the launcher keeps to one thread, gets all of them meanwhile.
   */
  public static MachineCeilings measure() {
    Threads.shareWithBlas();
    try (Scope scope = new Scope()) {
      return new MachineCeilings(Threads.get(), matrixProduct(DType.F32), matrixProduct(DType.BF16), triad());
    } finally {
      Threads.unshareWithBlas();
    }
  }

  /** The matrix product's rate in the arithmetic of {@code type}. */
  public double gflops(DType type) {
    return switch (type) {
      case F32 -> gflopsF32;
      case BF16 -> gflopsBf16;
      default -> throw new IllegalArgumentException("no ceiling was measured for " + type.shortName());
    };
  }

  /** Of a large product; of a small one where a large one would take too long: bfloat16 without instructions for it. */
  private static double matrixProduct(DType type) {
    double small = matrixProduct(SMALL_SIDE, type);
    return flops(MATRIX_SIDE) / (small * 1e9) > LONGEST_CALL_SECONDS ? small : matrixProduct(MATRIX_SIDE, type);
  }

  private static double matrixProduct(int side, DType type) {
    Tensor a = torch.ones(new long[] {side, side}, type.options());
    Tensor b = torch.ones_like(a);
    Tensor c = torch.empty_like(a);
    return flops(side) / shortestSeconds(() -> torch.mm_out(c, a, b)) / 1e9;
  }

  private static double flops(int side) {
    return 2.0 * side * side * side;
  }

  private static double triad() {
    Tensor a = torch.zeros(TRIAD_FLOATS);
    Tensor b = torch.ones(TRIAD_FLOATS);
    Tensor c = torch.ones(TRIAD_FLOATS);
    Scalar factor = new Scalar(3);
    double bytes = 3.0 * TRIAD_FLOATS * DType.F32.bytes();
    return bytes / shortestSeconds(() -> torch.add_out(a, b, c, factor)) / 1e9;
  }

  private static double shortestSeconds(Runnable call) {
    call.run();
    double shortest = Double.POSITIVE_INFINITY;
    double total = 0;
    for (int calls = 0; calls < 3 || total < PROBE_SECONDS; calls++) {
      long start = System.nanoTime();
      call.run();
      double seconds = (System.nanoTime() - start) / 1e9;
      shortest = Math.min(shortest, seconds);
      total += seconds;
    }
    return shortest;
  }
}
