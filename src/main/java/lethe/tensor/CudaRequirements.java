package lethe.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lethe.error.UserException;
import org.bytedeco.pytorch.global.torch;

/**
 * What computing on an NVIDIA GPU needs, and what of it is there. LibTorch itself says nothing of the sort: where a
 * library is missing it fails to load, and where the driver is, it sees no GPU.
 *
 * @param gpuBuild whether the class path holds LibTorch's GPU build
 * @param driver version of the NVIDIA driver, empty if none is running
 * @param find where the library with an exact file name lies
 * @param gpus the GPUs that LibTorch sees; asked only where nothing else is missing, as it loads LibTorch
 */
public record CudaRequirements(
    boolean gpuBuild, Optional<String> driver, Function<String, Optional<Path>> find, IntSupplier gpus) {

  private static final String GPU_BUILD = "/org/bytedeco/pytorch/linux-x86_64-gpu/libjnitorch.so";
  private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");
  private static final Pattern DRIVER_VERSION = Pattern.compile("Kernel Module(?: for x86_64)?\\s+(\\d+(?:\\.\\d+)*)");

  /** The first driver for CUDA 13. */
  private static final int OLDEST_DRIVER = 580;

  /** What LibTorch's GPU build links with: file name to what brings it. */
  private static final Map<String, String> LIBRARIES = new LinkedHashMap<>();

  static {
    LIBRARIES.put("libcuda.so.1", "the NVIDIA driver, " + OLDEST_DRIVER + " or newer");
    LIBRARIES.put("libcudart.so.13", "CUDA 13 runtime");
    LIBRARIES.put("libcublas.so.13", "cuBLAS 13");
    LIBRARIES.put("libcublasLt.so.13", "cuBLAS 13");
    LIBRARIES.put("libcufft.so.12", "cuFFT of CUDA 13");
    LIBRARIES.put("libcurand.so.10", "cuRAND of CUDA 13");
    LIBRARIES.put("libcusolver.so.12", "cuSOLVER of CUDA 13");
    LIBRARIES.put("libcusparse.so.12", "cuSPARSE of CUDA 13");
    LIBRARIES.put("libnvJitLink.so.13", "nvJitLink of CUDA 13");
    LIBRARIES.put("libnvrtc.so.13", "NVRTC of CUDA 13");
    LIBRARIES.put("libcupti.so.13", "CUPTI of CUDA 13");
    LIBRARIES.put("libcufile.so.0", "cuFile of CUDA 13");
    LIBRARIES.put("libcudnn.so.9", "cuDNN 9");
    LIBRARIES.put("libnccl.so.2", "NCCL 2");
  }

  /** Looks at this machine; loads no native code. */
  public static CudaRequirements ofThisMachine() {
    return new CudaRequirements(
        CudaRequirements.class.getResource(GPU_BUILD) != null,
        runningDriver(),
        SharedLibraries.read()::find,
        () -> torch.cuda_is_available() ? torch.cuda_device_count() : 0);
  }

  /** All that is missing, with what brings it; empty if LibTorch can be asked. */
  public List<String> missing() {
    List<String> missing = new ArrayList<>();
    if (!gpuBuild) {
      missing.add("LibTorch's GPU build on the class path (build with mvn -Pcuda)");
    }
    LIBRARIES.forEach(
        (name, origin) -> {
          if (find.apply(name).isEmpty()) {
            missing.add(name + " (" + origin + ")");
          }
        });
    driver
        .filter(version -> Integer.parseInt(version.split("\\.")[0]) < OLDEST_DRIVER)
        .ifPresent(
            version -> missing.add("a newer NVIDIA driver (" + OLDEST_DRIVER + " or newer, not " + version + ")"));
    return missing;
  }

  /** Where the libraries lie that are there. */
  public Map<String, Path> found() {
    Map<String, Path> found = new LinkedHashMap<>();
    LIBRARIES.keySet().forEach(name -> find.apply(name).ifPresent(path -> found.put(name, path)));
    return found;
  }

  /** @throws UserException if {@code device} cannot be used; one line with all that is missing */
  public void require(Device device) {
    List<String> missing = missing();
    if (!missing.isEmpty()) {
      throw UserException.failed(
          "--device %s needs %s; install what is missing, or use --device cpu"
              .formatted(device, String.join(", ", missing)));
    }
    int seen = gpus.getAsInt();
    if (device.index() >= seen) {
      throw UserException.failed(
          "--device %s: LibTorch sees %s; check CUDA_VISIBLE_DEVICES and nvidia-smi, or use --device cpu"
              .formatted(device, seen == 0 ? "no GPU" : seen == 1 ? "cuda:0 only" : "cuda:0 to cuda:" + (seen - 1)));
    }
  }

  private static Optional<String> runningDriver() {
    try {
      return driverVersion(Files.readString(DRIVER));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The version in the text of {@code /proc/driver/nvidia/version}, of the open and of the proprietary driver. */
  static Optional<String> driverVersion(String text) {
    Matcher matcher = DRIVER_VERSION.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
