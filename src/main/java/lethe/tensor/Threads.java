package lethe.tensor;

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

  public static int get() {
    return torch.get_num_threads();
  }
}
