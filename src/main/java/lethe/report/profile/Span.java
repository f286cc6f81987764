package lethe.report.profile;

import java.time.Instant;
import java.util.Comparator;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedThread;
import lethe.profile.Work;

/**
 * One event of a profile.
 *
 * @param name the kernel's operation, the module's name, and so on
 * @param provider who computed it; null for what is no kernel
 * @param shapes of a kernel's inputs, or null
 * @param dtype of a kernel's inputs, or null
 * @param thread its name and number: names need not be unique
 * @param startNanos on the recording's clock
 * @param work what the kernel cost
 * @param later what autograd spends on the kernel in the backward pass
 */
record Span(
    Kind kind,
    String name,
    String provider,
    String shapes,
    String dtype,
    String thread,
    long startNanos,
    long nanos,
    Work work,
    Work later) {

  /** From the outside to the inside. */
  enum Kind {
    LOAD,
    PHASE,
    STEP,
    MODULE,
    KERNEL,
    NATIVE_CALL
  }

  /** By thread, and then each before what it contains. */
  static final Comparator<Span> NESTED =
      Comparator.comparing(Span::thread)
          .thenComparing(Span::startNanos)
          .thenComparing(Comparator.comparing(Span::nanos).reversed())
          .thenComparing(Span::kind);

  /** Null for an event that is none of ours. */
  static Span of(RecordedEvent event) {
    return switch (event.getEventType().getName()) {
      case "lethe.Kernel" -> kernel(event);
      case "lethe.NativeCall" -> plain(Kind.NATIVE_CALL, event.getString("function"), event);
      case "lethe.Module" -> plain(Kind.MODULE, event.getString("module"), event);
      case "lethe.Phase" -> plain(Kind.PHASE, event.getString("phase"), event);
      case "lethe.Step" -> plain(Kind.STEP, event.getString("kind"), event);
      case "lethe.ModelLoad" -> plain(Kind.LOAD, "load " + event.getString("component").replace('_', ' '), event);
      default -> null;
    };
  }

  long endNanos() {
    return startNanos + nanos;
  }

  /** The same, ended at {@code nanos} if it ends later. */
  Span endedBy(long nanos) {
    return endNanos() <= nanos
        ? this
        : new Span(kind, name, provider, shapes, dtype, thread, startNanos, nanos - startNanos, work, later);
  }

  private static Span kernel(RecordedEvent event) {
    return new Span(
        Kind.KERNEL,
        event.getString("operation"),
        event.getString("provider"),
        event.getString("shapes"),
        event.getString("dtype"),
        threadOf(event),
        sinceEpoch(event.getStartTime()),
        event.getDuration().toNanos(),
        new Work(event.getLong("flops"), event.getLong("bytes")),
        new Work(event.getLong("backwardFlops"), event.getLong("backwardBytes")));
  }

  private static Span plain(Kind kind, String name, RecordedEvent event) {
    return new Span(
        kind,
        name,
        null,
        null,
        null,
        threadOf(event),
        sinceEpoch(event.getStartTime()),
        event.getDuration().toNanos(),
        Work.NONE,
        Work.NONE);
  }

  private static String threadOf(RecordedEvent event) {
    RecordedThread thread = event.getThread();
    return thread == null ? "unknown" : thread.getJavaName() + " #" + thread.getJavaThreadId();
  }

  private static long sinceEpoch(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }
}
