package lethe.kernel;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Optional;
import lethe.error.UserException;
import org.bytedeco.javacpp.Loader;

/** Loads the CUDA kernels once per process, when a tensor on a GPU is first met, and remembers why it could not. */
final class CudaLibrary {
  /** Names another library than the one that was built with this one. */
  static final String PROPERTY = "lethe.cuda.library";

  private static final String BUILT = "liblethe_kernels_cuda.so";
  private static final Optional<Throwable> FAILURE = tryToLoad();

  private CudaLibrary() {}

  /** Makes sure that {@link LetheCudaKernels} can be called; a {@link UserException} says why not. */
  static void load() {
    if (FAILURE.isPresent()) {
      throw UserException.failed(
          "the CUDA kernels do not load: "
              + NativeLibrary.reason(FAILURE.get())
              + "; build them with nvcc 13 and mvn -Pcuda process-classes, or run with --provider composed",
          FAILURE.get());
    }
  }

  private static Optional<Throwable> tryToLoad() {
    try {
      String named = System.getProperty(PROPERTY);
      // The glue finds the kernels among the process's global symbols. LibTorch has loaded the CUDA runtime by now.
      Loader.loadGlobal(named == null ? built().getPath() : named);
      Loader.load(LetheCudaKernels.class);
      LetheCudaKernels.setStream(null);
      return Optional.empty();
    } catch (IOException | LinkageError | RuntimeException e) {
      return Optional.of(e);
    }
  }

  private static File built() throws IOException {
    File library = Loader.cacheResource(CudaLibrary.class, Loader.getPlatform() + "/" + BUILT);
    if (library == null) {
      throw new FileNotFoundException(BUILT + " was not built");
    }
    return library;
  }
}
