package lethe.cli;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import lethe.demo.DemoListener;
import lethe.report.demo.DemoPhase;

/** Shows a demo's phases: a line for each that has ended, and on a terminal those at work. */
final class DemoProgress implements DemoListener, AutoCloseable {
  private static final long REDRAW_NANOS = 100_000_000L;

  private final Terminal terminal;
  private final Interrupt interrupt;
  private final long start = System.nanoTime();
  private final Map<Integer, String> atWork = new TreeMap<>();
  private long drawnAt = start;

  DemoProgress(Terminal terminal, Interrupt interrupt) {
    this.terminal = terminal;
    this.interrupt = interrupt;
  }

  @Override
  public synchronized void progress(int lane, String work, long done, long total) {
    atWork.put(lane, "%s %d/%d".formatted(work, done, total));
    long now = System.nanoTime();
    if (terminal.interactive() && now - drawnAt >= REDRAW_NANOS) {
      drawnAt = now;
      terminal.status(ProgressBar.clock((now - start) / 1e9) + "  " + String.join("   ", atWork.values()));
    }
  }

  @Override
  public synchronized void ended(DemoPhase phase) {
    atWork.remove(phase.lane());
    terminal.note(
        String.format(
            Locale.ROOT,
            "%5.1f s  %-13s  %s (%s): %.1f s",
            phase.start() + phase.seconds(), phase.model(), phase.work(), phase.detail(), phase.seconds()));
  }

  @Override
  public boolean cancelled() {
    return interrupt.requested();
  }

  @Override
  public void close() {
    terminal.endStatus();
  }
}
