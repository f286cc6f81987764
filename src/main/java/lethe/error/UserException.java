package lethe.error;

/**
 * A mistake the user can mend: a wrong flag, a broken file, a full disk.
 *
 * <p>The message is one line that says what is wrong, where, and how to mend it. The command line prints it without a
 * stack trace and exits with {@link #exitCode()}.
 */
public final class UserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Exit status of a run that could not be carried out: a broken file, a full disk. */
  public static final int FAILED = 1;

  /** Exit status of a command line that makes no sense: an unknown flag, a value out of range. */
  public static final int USAGE = 2;

  private final int exitCode;

  private UserException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** The run cannot go on because of what it was given to read or where it was told to write. */
  public static UserException failed(String message) {
    return new UserException(FAILED, message, null);
  }

  /** As {@link #failed(String)}, keeping the cause for {@code --debug}. */
  public static UserException failed(String message, Throwable cause) {
    return new UserException(FAILED, message, cause);
  }

  /** The command line itself is wrong. */
  public static UserException usage(String message) {
    return new UserException(USAGE, message, null);
  }

  public int exitCode() {
    return exitCode;
  }
}
