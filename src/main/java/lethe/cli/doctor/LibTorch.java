package lethe.cli.doctor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lethe.tensor.CudaRequirements;
import lethe.tensor.SharedLibraries;
import org.bytedeco.pytorch.global.torch;

/** LibTorch and the libraries that compute for it. */
final class LibTorch {
  private static final List<String> VARIABLES =
      List.of("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "GLIBC_TUNABLES");

  /** Files that compute, by what they are called: BLAS, OpenMP and LibTorch itself. */
  private static final Pattern COMPUTING = Pattern.compile("lib(torch|c10|jnitorch|openblas|mkl|blis|gomp|iomp|omp).*");

  private LibTorch() {}

  static void collect(Map<String, Object> facts) throws IOException {
    String config = torch.show_config().getString();
    facts.put("version", setting(config, "TORCH_VERSION"));
    facts.put("commit", setting(config, "COMMIT_SHA"));
    facts.put("build", CudaRequirements.ofThisMachine().gpuBuild() ? "GPU" : "CPU");
    facts.put("cpu_capability", torch.get_cpu_capability().getString());
    List<Path> loaded = SharedLibraries.loaded();
    facts.put("blas", setting(config, "BLAS_INFO") + " " + named(loaded, "lib(openblas|mkl_rt|blis)\\..*"));
    facts.put("onednn", torch.hasMKLDNN() ? torch.get_mkldnn_version().getString() : "not built in");
    facts.put("openmp", torch.get_openmp_version().getString() + " " + named(loaded, "lib(gomp|iomp5|omp)\\..*"));
    facts.put("threads", torch.get_num_threads());
    facts.put("threads_between_operations", torch.get_num_interop_threads());
    Map<String, Object> environment = new LinkedHashMap<>();
    VARIABLES.forEach(name -> environment.put(name, System.getenv(name)));
    facts.put("environment", environment);
    facts.put("loaded", loaded.stream().filter(LibTorch::computes).map(Path::toString).sorted().toList());
  }

  private static boolean computes(Path library) {
    return COMPUTING.matcher(library.getFileName().toString()).matches();
  }

  /** The loaded libraries of that name, in brackets: two OpenMP runtimes, for one, get into each other's way. */
  private static String named(List<Path> loaded, String regex) {
    List<String> names = loaded.stream().map(path -> path.getFileName().toString()).toList();
    return names.stream().filter(name -> name.matches(regex)).toList().toString();
  }

  /** A value of the line "Build settings: NAME=value, ..." of show_config. */
  private static String setting(String config, String name) {
    Matcher matcher = Pattern.compile("\\b" + name + "=([^,]*)").matcher(config);
    return matcher.find() ? matcher.group(1) : "unknown";
  }
}
