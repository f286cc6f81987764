package lethe.cli;

import lethe.checkpoint.AtomicOutput;

/**
 * Ctrl-C as a request: the first one lets the step at hand end and the command write what it has; the second one halts
 * at once, leaving no half-written file, and so does SIGTERM.
 *
 * <pre>{@code
 * try (Interrupt interrupt = Interrupt.install(terminal)) {
 *   while (step < steps && !interrupt.requested()) { ... }
 * }
 * return interrupt.requested() ? ExitCode.INTERRUPTED : ExitCode.OK;
 * }</pre>
 */
final class Interrupt implements AutoCloseable {
  private final Terminal terminal;
  private final SignalHook hook;
  private volatile boolean requested;

  private Interrupt(Terminal terminal) {
    this.terminal = terminal;
    this.hook = new SignalHook("INT", this::onInterrupt);
  }

  /** Takes Ctrl-C, which would end the process, over until {@link #close}. */
  static Interrupt install(Terminal terminal) {
    return new Interrupt(terminal);
  }

  /** Makes SIGINT, SIGTERM and SIGHUP end the process at once, leaving no half-written file. */
  static void haltOnSignals() {
    for (String name : new String[] {"INT", "TERM", "HUP"}) {
      new SignalHook(name, Interrupt::halt);
    }
  }

  /** Whether the user has asked to stop. Stays true after {@link #close}. */
  boolean requested() {
    return requested;
  }

  @Override
  public void close() {
    hook.close();
  }

  private void onInterrupt(SignalHook signal) {
    if (requested) {
      halt(signal);
    }
    requested = true;
    terminal.note("stopping after this step ... (Ctrl-C again stops at once)");
  }

  private static void halt(SignalHook signal) {
    AtomicOutput.deleteUnfinished();
    signal.die();
  }
}
