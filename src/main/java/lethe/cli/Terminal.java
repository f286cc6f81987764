package lethe.cli;

import java.io.PrintStream;

/**
 * Where a command writes: data on stdout; notes, progress and errors on stderr.
 *
 * <p>One line at a time may be redrawn in place ({@link #status}); every other line clears it first, so that the two
 * never run into each other. Safe for use by several threads: a signal's note may come at any moment.
 */
final class Terminal {
  /** Set by the launcher, because Java cannot ask whether stderr alone is a terminal. */
  private static final String STDERR_IS_A_TERMINAL = "lethe.stderr.tty";

  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final PrintStream err;
  private final boolean interactive;
  private final boolean color;
  private final boolean quiet;
  private boolean statusShown;

  /**
   * @param interactive whether stderr is a terminal that a line can be redrawn on
   * @param color whether stderr takes colours
   * @param quiet whether notes and progress are dropped; errors never are
   */
  Terminal(PrintStream out, PrintStream err, boolean interactive, boolean color, boolean quiet) {
    this.out = out;
    this.err = err;
    this.interactive = interactive;
    this.color = color;
    this.quiet = quiet;
  }

  /** The process's own streams. No colours under {@code NO_COLOR} (no-color.org), no redrawing on a dumb terminal. */
  static Terminal system() {
    boolean interactive = Boolean.getBoolean(STDERR_IS_A_TERMINAL) && !"dumb".equals(System.getenv("TERM"));
    String noColor = System.getenv("NO_COLOR");
    boolean color = interactive && (noColor == null || noColor.isEmpty());
    return new Terminal(System.out, System.err, interactive, color, false);
  }

  /** The same streams without notes and progress. */
  Terminal silenced() {
    return new Terminal(out, err, interactive, color, true);
  }

  boolean interactive() {
    return interactive;
  }

  /** A line of data. */
  synchronized void print(String line) {
    clearStatus();
    out.println(line);
  }

  /** What a user may like to know. */
  synchronized void note(String line) {
    if (!quiet) {
      clearStatus();
      err.println(line);
    }
  }

  /** What a user must know although the command goes on. */
  synchronized void warn(String line) {
    clearStatus();
    err.println(paint("33", "warning:") + " " + line);
  }

  synchronized void error(String line) {
    clearStatus();
    err.println(paint("31", "lethe:") + " " + line);
  }

  synchronized void stackTrace(Throwable error) {
    clearStatus();
    error.printStackTrace(err);
  }

  /** Replaces the status line; for {@link #interactive} terminals only. */
  synchronized void status(String line) {
    if (!quiet) {
      err.print(CLEAR_LINE + line);
      err.flush();
      statusShown = true;
    }
  }

  /** Leaves the status line standing, so that the next line comes below it. */
  synchronized void endStatus() {
    if (statusShown) {
      err.println();
      statusShown = false;
    }
  }

  private void clearStatus() {
    if (statusShown) {
      err.print(CLEAR_LINE);
      err.flush();
      statusShown = false;
    }
  }

  private String paint(String ansiColor, String text) {
    return color ? "\u001b[" + ansiColor + "m" + text + "\u001b[0m" : text;
  }
}
