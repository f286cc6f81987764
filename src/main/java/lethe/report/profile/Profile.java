package lethe.report.profile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import lethe.profile.Work;

/** Where the time of a recording went. */
public final class Profile {
  static final String BACKWARD = "backward";

  /** Modules are shown down to this depth: a network and its blocks. */
  private static final int MODULE_DEPTH = 2;

  /** The process's memory at a moment, in bytes. */
  record Memory(long atNanos, long resident, long peak) {}

  private final List<Span> spans;
  private final List<Memory> memory;
  private final Map<String, Row> kernels = new LinkedHashMap<>();
  private final Map<String, Row> modules = new LinkedHashMap<>();
  private final Map<String, Row> phases = new LinkedHashMap<>();

  Profile(List<Span> spans, List<Memory> memory) {
    this.spans = nested(spans.stream().sorted(Span.NESTED).toList());
    this.memory = memory.stream().sorted(Comparator.comparingLong(Memory::atNanos)).toList();
    addUp();
  }

  /** Reads a flight recording, made by {@code lethe profile} or by the JVM itself. */
  public static Profile read(Path file) throws IOException {
    List<Span> spans = new ArrayList<>();
    List<Memory> memory = new ArrayList<>();
    try (RecordingFile recording = new RecordingFile(file)) {
      while (recording.hasMoreEvents()) {
        RecordedEvent event = recording.readEvent();
        Span span = Span.of(event);
        if (span != null) {
          spans.add(span);
        } else if (event.getEventType().getName().equals("lethe.Memory")) {
          long at = event.getStartTime().getEpochSecond() * 1_000_000_000L + event.getStartTime().getNano();
          memory.add(new Memory(at, event.getLong("resident"), event.getLong("peak")));
        }
      }
    }
    return new Profile(spans, memory);
  }

  /** A recording rounds start and duration down, each for itself: a span may end a nanosecond after what contains it. */
  private static List<Span> nested(List<Span> sorted) {
    Deque<Span> open = new ArrayDeque<>(); // innermost first
    List<Span> nested = new ArrayList<>();
    for (Span span : sorted) {
      close(open, span);
      Span within = open.isEmpty() ? span : span.endedBy(open.peek().endNanos());
      nested.add(within);
      open.push(within);
    }
    return List.copyOf(nested);
  }

  /** Takes away what does not contain {@code next}. */
  private static void close(Deque<Span> open, Span next) {
    while (!open.isEmpty() && (next.startNanos() >= open.peek().endNanos() || !sameThread(next, open.peek()))) {
      open.pop();
    }
  }

  private void addUp() {
    Deque<Span> open = new ArrayDeque<>(); // innermost first
    Work differentiable = Work.NONE; // forward kernels whose backward pass is still to come
    for (Span span : spans) {
      close(open, span);
      switch (span.kind()) {
        case KERNEL -> {
          Row kernel = row(kernels, span.name() + " (" + span.provider() + ")");
          kernel.call(span.nanos());
          kernel.did(span.work());
          for (Span outer : open) {
            credit(outer, span.work());
          }
          differentiable = differentiable.plus(span.later());
        }
        case MODULE -> {
          if (depth(open) <= MODULE_DEPTH) {
            row(modules, span.name()).call(span.nanos());
          }
        }
        case PHASE, STEP, LOAD -> {
          Row phase = row(phases, span.name());
          phase.call(span.nanos());
          if (span.name().equals(BACKWARD)) {
            phase.did(differentiable);
            for (Span outer : open) {
              credit(outer, differentiable);
            }
            differentiable = Work.NONE;
          }
        }
        case NATIVE_CALL -> {}
      }
      open.push(span);
    }
  }

  private void credit(Span outer, Work work) {
    switch (outer.kind()) {
      case MODULE -> {
        if (modules.containsKey(outer.name())) {
          modules.get(outer.name()).did(work);
        }
      }
      case PHASE, STEP, LOAD -> phases.get(outer.name()).did(work);
      case KERNEL, NATIVE_CALL -> {}
    }
  }

  private static long depth(Deque<Span> open) {
    return 1 + open.stream().filter(outer -> outer.kind() == Span.Kind.MODULE).count();
  }

  private static boolean sameThread(Span a, Span b) {
    return a.thread().equals(b.thread());
  }

  private static Row row(Map<String, Row> rows, String name) {
    return rows.computeIfAbsent(name, Row::new);
  }

  List<Span> spans() {
    return spans;
  }

  List<Memory> memory() {
    return memory;
  }

  Collection<Row> kernels() {
    return kernels.values();
  }

  Collection<Row> modules() {
    return modules.values();
  }

  Collection<Row> phases() {
    return phases.values();
  }

  /** What a phase, or a kind of step, cost in all its calls; nothing if there was none. */
  public Work phaseWork(String phase) {
    return phases.containsKey(phase) ? phases.get(phase).work : Work.NONE;
  }

  /** Floating-point operations of {@link #phaseWork}. */
  public long phaseFlops(String phase) {
    return phaseWork(phase).flops();
  }

  /** From the first event to the end of the last. */
  long nanos() {
    long start = spans.stream().mapToLong(Span::startNanos).min().orElse(0);
    return spans.stream().mapToLong(Span::endNanos).max().orElse(0) - start;
  }

  /** Bytes; 0 if nobody looked. */
  long peakMemory() {
    return memory.stream().mapToLong(Memory::peak).max().orElse(0);
  }
}
