package lethe.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import lethe.error.UserException;

/**
 * An exception as the one line that a user reads.
 *
 * @param message the line, without the program's name
 * @param exitCode the status of the process
 */
record Failure(String message, int exitCode) {
  private static final String LIBTORCH_OUT_OF_MEMORY = "DefaultCPUAllocator: can't allocate memory";

  static Failure of(Throwable error) {
    if (error instanceof UserException mistake) {
      return new Failure(firstLine(mistake), mistake.exitCode());
    }
    if (error instanceof OutOfMemoryError) {
      return failed("out of memory: " + firstLine(error) + " (LETHE_JAVA_OPTS=-Xmx8g gives the heap 8 GB)");
    }
    if (firstLine(error).contains(LIBTORCH_OUT_OF_MEMORY)) {
      return failed("out of memory: " + firstLine(error) + " (a smaller batch or image needs less)");
    }
    if (error instanceof LinkageError) {
      return failed("a native library does not load: " + firstLine(error) + " (lethe doctor says what is missing)");
    }
    if (error instanceof UncheckedIOException wrapped) {
      return failed(inputOutput(wrapped.getCause()));
    }
    if (error instanceof IOException inputOutput) {
      return failed(inputOutput(inputOutput));
    }
    return failed(
        "unexpected " + error.getClass().getSimpleName() + ": " + firstLine(error) + " (run again with --debug)");
  }

  private static Failure failed(String message) {
    return new Failure(message, ExitCode.FAILED);
  }

  private static String inputOutput(IOException error) {
    if (error instanceof NoSuchFileException) {
      return error.getMessage() + ": no such file";
    }
    if (error instanceof AccessDeniedException) {
      return error.getMessage() + ": permission denied";
    }
    return error instanceof FileSystemException ? firstLine(error) : "input or output failed: " + firstLine(error);
  }

  /** LibTorch's messages go on for pages with a C++ stack; their first line says what happened. */
  private static String firstLine(Throwable error) {
    String message = error.getMessage();
    return message == null ? "no message" : message.strip().lines().findFirst().orElse("no message");
  }
}
