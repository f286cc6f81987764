package lethe.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.global.torch;

/** Whether LibTorch could compute on a GPU, and what exactly it lacks. */
final class Cuda {
  private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");

  /** What LibTorch's GPU build links with: file name to what brings it. */
  private static final Map<String, String> NEEDED = new LinkedHashMap<>();

  static {
    NEEDED.put("libcuda.so.1", "the NVIDIA driver, 580 or newer");
    NEEDED.put("libcudart.so.13", "CUDA 13 runtime");
    NEEDED.put("libcublas.so.13", "cuBLAS 13");
    NEEDED.put("libcublasLt.so.13", "cuBLAS 13");
    NEEDED.put("libcufft.so.12", "cuFFT of CUDA 13");
    NEEDED.put("libcurand.so.10", "cuRAND of CUDA 13");
    NEEDED.put("libcusolver.so.12", "cuSOLVER of CUDA 13");
    NEEDED.put("libcusparse.so.12", "cuSPARSE of CUDA 13");
    NEEDED.put("libnvJitLink.so.13", "nvJitLink of CUDA 13");
    NEEDED.put("libnvrtc.so.13", "NVRTC of CUDA 13");
    NEEDED.put("libcupti.so.13", "CUPTI of CUDA 13");
    NEEDED.put("libcufile.so.0", "cuFile of CUDA 13");
    NEEDED.put("libcudnn.so.9", "cuDNN 9");
    NEEDED.put("libnccl.so.2", "NCCL 2");
  }

  private Cuda() {}

  static void collect(Map<String, Object> facts) throws IOException {
    // LibTorch is asked last: where it does not load, all else is known by then.
    facts.put("usable", false);
    List<String> missing = new ArrayList<>();
    Map<String, Object> found = new LinkedHashMap<>();
    SharedLibraries libraries = SharedLibraries.read();
    NEEDED.forEach((name, origin) -> {
      Optional<Path> path = libraries.find(name);
      path.ifPresentOrElse(p -> found.put(name, p.toString()), () -> missing.add(name + " (" + origin + ")"));
    });
    if (!LibTorch.hasGpuBuild()) {
      missing.add(0, "LibTorch's GPU build on the class path (org.bytedeco:pytorch, classifier linux-x86_64-gpu)");
    }
    facts.put("driver", Files.exists(DRIVER) ? Files.readAllLines(DRIVER).get(0) : "none");
    facts.put("found", found);
    facts.put("missing", missing);
    facts.put("usable", torch.cuda_is_available());
  }
}
