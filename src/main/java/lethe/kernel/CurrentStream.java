package lethe.kernel;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * LibTorch's current stream of a GPU. Apart from {@link Launch}, because loading this class takes those of the CUDA
 * preset, which only the Maven profile {@code cuda} brings.
 */
final class CurrentStream {
  private CurrentStream() {}

  /** Has the kernels that this thread calls queued there. */
  static void use(byte gpu) {
    try (CUDAStream current = torch_cuda.getCurrentCUDAStream(gpu);
        Pointer stream = current.stream()) {
      LetheCudaKernels.setStream(stream);
    }
  }
}
