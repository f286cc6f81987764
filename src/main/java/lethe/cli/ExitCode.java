package lethe.cli;

import lethe.error.UserException;

/** What the process tells its caller. */
final class ExitCode {
  static final int OK = 0;
  static final int FAILED = UserException.FAILED;
  static final int USAGE = UserException.USAGE;

  /** The command did its work, and a measure that it was asked to hold is past its threshold. */
  static final int THRESHOLD_MISSED = 3;

  /** 128 + SIGINT, as shells report it. */
  static final int INTERRUPTED = 130;

  private ExitCode() {}
}
