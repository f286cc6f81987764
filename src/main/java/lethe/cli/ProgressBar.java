package lethe.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows how far a loop is: steps, a detail such as the loss, seconds per step and time left.
 *
 * <p>On a terminal one line is redrawn in place; elsewhere (a log file, CI) a plain line is written every few percent.
 */
final class ProgressBar implements AutoCloseable {
  private static final int WIDTH = 20;
  private static final int PLAIN_LINES = 20;
  private static final long REDRAW_NANOS = 100_000_000L;

  private final Terminal terminal;
  private final String label;
  private final long total;
  private final LongSupplier nanoTime;
  private final long start;
  private final long doneBefore;
  private long firstDone = -1;
  private long firstDoneAt;
  private long drawnAt = Long.MIN_VALUE;
  private long linesWritten;

  /**
   * @param label what the loop does, in a word or two
   * @param total its number of steps, at least 1
   */
  ProgressBar(Terminal terminal, String label, long total) {
    this(terminal, label, 0, total);
  }

  /** @param doneBefore how many steps an earlier run has done, of which this one goes on */
  ProgressBar(Terminal terminal, String label, long doneBefore, long total) {
    this(terminal, label, doneBefore, total, System::nanoTime);
  }

  ProgressBar(Terminal terminal, String label, long doneBefore, long total, LongSupplier nanoTime) {
    this.terminal = terminal;
    this.label = label;
    this.doneBefore = doneBefore;
    this.total = total;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  /** {@code done} steps of the total are done; the last one's loss was {@code loss}. */
  void step(long done, double loss) {
    step(done, String.format(Locale.ROOT, "loss %.4g", loss));
  }

  /** {@code done} steps of the total are done. */
  void step(long done, String detail) {
    long now = nanoTime.getAsLong();
    if (terminal.interactive()) {
      if (done == total || drawnAt == Long.MIN_VALUE || now - drawnAt >= REDRAW_NANOS) {
        drawnAt = now;
        terminal.status(bar(done) + text(done, detail, now));
      }
    } else if (done * PLAIN_LINES / total > linesWritten || done == doneBefore + 1) {
      linesWritten = done * PLAIN_LINES / total;
      terminal.note(label + text(done, detail, now));
    }
    if (firstDone < 0) {
      firstDone = done;
      firstDoneAt = now;
    }
  }

  @Override
  public void close() {
    terminal.endStatus();
  }

  private String bar(long done) {
    int filled = (int) (WIDTH * done / total);
    return label + " [" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "]";
  }

  private String text(long done, String detail, long now) {
    StringBuilder text = new StringBuilder(" " + done + "/" + total);
    if (!detail.isEmpty()) {
      text.append("  ").append(detail);
    }
    double perStep = secondsPerStep(done, now);
    text.append("  ").append(String.format(Locale.ROOT, "%.3g s/step", perStep));
    String time = done < total ? clock(perStep * (total - done)) + " left" : clock((now - start) / 1e9) + " in all";
    return text.append("  ").append(time).toString();
  }

  /** Leaves the first step out as soon as there is another: it also pays for warming up. */
  private double secondsPerStep(long done, long now) {
    boolean warm = firstDone >= 0 && done > firstDone;
    long nanos = warm ? now - firstDoneAt : now - start;
    long steps = warm ? done - firstDone : Math.max(1, done - doneBefore);
    return nanos / 1e9 / steps;
  }

  /** {@code 0:07}, {@code 12:34}, {@code 1:02:03}. */
  static String clock(double seconds) {
    Duration time = Duration.ofSeconds(Math.round(seconds));
    return time.toHours() > 0
        ? String.format(Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
  }
}
