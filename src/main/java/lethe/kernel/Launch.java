package lethe.kernel;

import lethe.error.UserException;
import lethe.profile.NativeCallEvent;
import lethe.tensor.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.cuda.CUDAGuard;

/**
 * Where a kernel runs: on the CPU, or on the GPU that holds its tensors, queued in LibTorch's current stream there, so
 * that it keeps its place among LibTorch's own work. Until it is closed, that GPU is the thread's current one.
 */
final class Launch implements AutoCloseable {
  private static final Launch CPU = new Launch(false, null);

  /** Sends tensors on the CPU to the CUDA library, too: for the tests, which load its emulation. */
  static volatile boolean emulated;

  private final boolean cuda;
  private final CUDAGuard guard;

  private Launch(boolean cuda, CUDAGuard guard) {
    this.cuda = cuda;
    this.guard = guard;
  }

  /** Whether there are kernels for the device of {@code tensor}. */
  static boolean takes(Tensor tensor) {
    return tensor.is_cpu() || tensor.is_cuda();
  }

  /** Whether kernels over {@code tensor} are those of the CPU. */
  static boolean runsOnCpu(Tensor tensor) {
    return tensor.is_cpu() && !emulated;
  }

  /**
   * The launch of a kernel over tensors of this device, one that {@link #takes} names.
   *
   * @throws UserException if the kernels for it do not load
   */
  static Launch on(Device device) {
    NativeLibrary.load();
    if (!device.isCpu()) {
      CudaLibrary.load();
      return inCurrentStream((byte) device.index());
    }
    if (emulated) {
      CudaLibrary.load();
      return new Launch(true, null);
    }
    return CPU;
  }

  private static Launch inCurrentStream(byte gpu) {
    CUDAGuard guard = new CUDAGuard(gpu);
    CurrentStream.use(gpu);
    return new Launch(true, guard);
  }

  /** The entry point for this device and for tensors of bfloat16 or float32. */
  <F> F choose(boolean bf16, F cpuF32, F cpuBf16, F cudaF32, F cudaBf16) {
    if (cuda) {
      return bf16 ? cudaBf16 : cudaF32;
    }
    return bf16 ? cpuBf16 : cpuF32;
  }

  /** The name of such an entry point, as profiles say it. */
  String entryPoint(String kernel, boolean bf16) {
    return "lethe_" + kernel + (bf16 ? "_bf16" : "_f32") + (cuda ? "_cuda" : "");
  }

  /** The event of a call of {@link #entryPoint}, which has begun; unnamed where nobody records. */
  NativeCallEvent nativeCall(String kernel, boolean bf16) {
    NativeCallEvent call = new NativeCallEvent();
    if (call.isEnabled()) {
      call.function = entryPoint(kernel, bf16);
    }
    call.begin();
    return call;
  }

  @Override
  public void close() {
    if (guard != null) {
      LetheCudaKernels.setStream(null);
      guard.close();
    }
  }
}
