package lethe.profile;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One call through JNI into a kernel of {@code native/}: what the kernel event around it has more is Java's share. */
@Name("lethe.NativeCall")
@Label("Native Call")
@Category("Lethe")
@StackTrace(false)
public final class NativeCallEvent extends Event {
  @Label("Function")
  public String function;

  /** Begins a call of a function of {@code lethe_kernels.h}; {@code commit()} ends it. */
  public static NativeCallEvent of(String function) {
    NativeCallEvent event = new NativeCallEvent();
    event.function = function;
    event.begin();
    return event;
  }
}
