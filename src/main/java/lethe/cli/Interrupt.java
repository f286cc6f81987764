package lethe.cli;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

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
  private final Set<Path> temporary = ConcurrentHashMap.newKeySet();
  private final SignalHook interrupt;
  private final SignalHook terminate;
  private volatile boolean requested;

  private Interrupt(Terminal terminal) {
    this.terminal = terminal;
    this.interrupt = new SignalHook("INT", this::onInterrupt);
    this.terminate = new SignalHook("TERM", this::halt);
  }

  /** Takes Ctrl-C, which would end the process, over until {@link #close}. */
  static Interrupt install(Terminal terminal) {
    return new Interrupt(terminal);
  }

  /** Whether the user has asked to stop. Stays true after {@link #close}. */
  boolean requested() {
    return requested;
  }

  /** Deletes {@code path}, a file or a whole folder, should the process be halted before {@link #keep}. */
  void deleteOnHalt(Path path) {
    temporary.add(path);
  }

  /** {@code path} is complete, or gone: a halt leaves it alone. */
  void keep(Path path) {
    temporary.remove(path);
  }

  @Override
  public void close() {
    terminate.close();
    interrupt.close();
  }

  private void onInterrupt(SignalHook hook) {
    if (requested) {
      halt(hook);
    }
    requested = true;
    terminal.note("stopping after this step ... (Ctrl-C again stops at once)");
  }

  private void halt(SignalHook hook) {
    temporary.forEach(path -> delete(path.toFile()));
    hook.die();
  }

  /** As far as it can be deleted: there is nobody left to tell. */
  private static void delete(File file) {
    File[] children = file.listFiles();
    if (children != null && !Files.isSymbolicLink(file.toPath())) {
      for (File child : children) {
        delete(child);
      }
    }
    file.delete();
  }
}
