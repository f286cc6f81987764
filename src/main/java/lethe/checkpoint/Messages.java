package lethe.checkpoint;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Arrays;
import lethe.error.UserException;

/** The phrases that errors about files have in common; every one is a single line. */
final class Messages {
  private static final String DAMAGED = "the file is damaged or incomplete: fetch or convert it again";

  private static final int LONGEST_NAME = 200;

  private Messages() {}

  /** A name that came out of a file, made safe to print: one line, of bounded length. */
  static String quoted(String name) {
    String shown = name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "...";
    return "'" + shown.replaceAll("\\p{Cntrl}", "?") + "'";
  }

  /** A shape as Python prints it, without the comma after a single size: {@code [320, 4, 3, 3]}. */
  static String shape(long... sizes) {
    return Arrays.toString(sizes);
  }

  static UserException damaged(Path file, String what) {
    return UserException.failed("%s: %s; %s".formatted(file, what, DAMAGED));
  }

  static UserException damaged(Path file, String tensor, String what) {
    return damaged(file, "tensor %s: %s".formatted(quoted(tensor), what));
  }

  static UserException cannotRead(Path file, IOException cause) {
    return UserException.failed(
        "cannot read %s: %s; check the path and its permissions".formatted(file, reason(cause)), cause);
  }

  static UserException cannotWrite(Path file, IOException cause) {
    return UserException.failed(
        "cannot write %s: %s; free some space or choose another place, nothing was left there"
            .formatted(file, reason(cause)),
        cause);
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NotDirectoryException) {
      return "not a folder";
    }
    if (e instanceof FileSystemException inFile && inFile.getReason() != null) {
      return inFile.getReason();
    }
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : firstLine(message);
  }

  static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
