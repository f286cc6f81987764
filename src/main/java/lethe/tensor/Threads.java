package lethe.tensor;

import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/** Threads inside one operation, for LibTorch and our own kernels alike: both run on the one OpenMP pool. */
public final class Threads {
  private Threads() {}

  /** Sets the number of intra-operation threads of this process. */
  public static void set(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("threads must be at least 1, got " + count);
    }
    torch.set_num_threads(count);
  }

  /**
   * Lets OpenBLAS, which LibTorch calls for float32 matrix products, use as many threads as everything else does. It
   * has a pool of its own, so this is for networks whose matrix products are large and whose attention does not pass
   * through OpenBLAS: called from within LibTorch's threads, the two pools fight for the cores.
   */
  public static void shareWithBlas() {
    openblas_nolapack.blas_set_num_threads(get());
  }

  /** Undoes {@link #shareWithBlas}: as many as {@code OPENBLAS_NUM_THREADS} says, or one per core. */
  public static void unshareWithBlas() {
    String chosen = System.getenv("OPENBLAS_NUM_THREADS");
    int cores = java.lang.Runtime.getRuntime().availableProcessors();
    openblas_nolapack.blas_set_num_threads(chosen == null ? cores : Integer.parseInt(chosen));
  }

  public static int get() {
    return torch.get_num_threads();
  }
}
