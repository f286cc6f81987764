package lethe.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * The process's memory, after each step and phase. Tensors are native: the JVM's own events see nothing of them.
 */
@Name("lethe.Memory")
@Label("Memory")
@Category("Lethe")
@StackTrace(false)
public final class MemoryEvent extends Event {
  private static final Path STATUS = Path.of("/proc/self/status");

  @Label("Resident")
  @DataAmount
  public long resident;

  @Label("Peak Resident")
  @DataAmount
  public long peak;

  static void record() {
    MemoryEvent event = new MemoryEvent();
    if (event.shouldCommit()) {
      try {
        List<String> lines = Files.readAllLines(STATUS);
        event.resident = kilobytes(lines, "VmRSS:");
        event.peak = kilobytes(lines, "VmHWM:");
        event.commit();
      } catch (IOException e) {
        // Only Linux tells; a profile without memory is better than none.
      }
    }
  }

  /** The bytes of a line such as {@code VmRSS:     1234 kB}; 0 if there is none. */
  private static long kilobytes(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> 1024 * Long.parseLong(line.substring(name.length()).replace("kB", "").strip()))
        .findFirst()
        .orElse(0);
  }
}
