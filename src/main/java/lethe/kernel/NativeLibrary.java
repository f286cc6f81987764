package lethe.kernel;

import java.util.Optional;
import lethe.error.UserException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** Loads the native kernels once per process, and remembers why it could not. */
final class NativeLibrary {
  /** Who computes, as profiles say it. */
  static final String TRACED_AS = "lethe";

  private static final Optional<Throwable> FAILURE = tryToLoad();

  private NativeLibrary() {}

  /** Why the kernels cannot be used, if they cannot. */
  static Optional<Throwable> failure() {
    return FAILURE;
  }

  /** Makes sure that {@link LetheKernels} can be called; a {@link UserException} says why not, and how to mend it. */
  static void load() {
    if (FAILURE.isPresent()) {
      throw UserException.failed(
          "the native kernels do not load: "
              + reason(FAILURE.get())
              + "; build them with ./cppbuild.sh and mvn compile, or run with --provider composed",
          FAILURE.get());
    }
  }

  /** The first line of a failure. */
  static String reason(Throwable failure) {
    String message = failure.getMessage();
    String line = message == null ? "" : message.strip().lines().findFirst().orElse("");
    return line.isEmpty() ? failure.getClass().getSimpleName() : line;
  }

  private static Optional<Throwable> tryToLoad() {
    try {
      // LibTorch first: it brings its own libgomp, and ours then binds to that one. Two would fight over the cores.
      Loader.load(torch.class);
      Loader.load(LetheKernels.class);
      LetheKernels.version();
      return Optional.empty();
    } catch (LinkageError | RuntimeException e) {
      return Optional.of(e);
    }
  }
}
