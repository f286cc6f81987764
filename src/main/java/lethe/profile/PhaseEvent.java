package lethe.profile;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A part of a method or of a command: {@code forward}, {@code backward}, {@code optimizer}, {@code decode}. */
@Name("lethe.Phase")
@Label("Phase")
@Category("Lethe")
@StackTrace(false)
public final class PhaseEvent extends Event implements AutoCloseable {
  @Label("Phase")
  public String phase;

  public static PhaseEvent of(String phase) {
    PhaseEvent event = new PhaseEvent();
    event.phase = phase;
    event.begin();
    return event;
  }

  @Override
  public void close() {
    commit();
    MemoryEvent.record();
  }
}
