package lethe.cli.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The JVM and the machine under it. */
public final class Host {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final Path MEMORY_INFO = Path.of("/proc/meminfo");
  private static final Path OS_RELEASE = Path.of("/etc/os-release");

  /** The instruction sets that decide how fast LibTorch and our kernels are. */
  private static final List<String> VECTOR_FLAGS =
      List.of("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_bf16");

  private Host() {}

  static void jdk(Map<String, Object> facts) {
    facts.put("version", System.getProperty("java.runtime.version"));
    facts.put("vendor", System.getProperty("java.vendor"));
    facts.put("home", System.getProperty("java.home"));
    facts.put("heap_limit_bytes", Runtime.getRuntime().maxMemory());
    facts.put("encoding", System.getProperty("sun.jnu.encoding"));
  }

  /** Operating system, processor, cores and memory, by name. */
  public static void machine(Map<String, Object> facts) throws IOException {
    facts.put("os", osName() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("architecture", System.getProperty("os.arch"));
    facts.put("cpu", field(CPU_INFO, "model name"));
    List<String> flags = Arrays.asList(field(CPU_INFO, "flags").split(" "));
    facts.put("vector_instructions", String.join(" ", VECTOR_FLAGS.stream().filter(flags::contains).toList()));
    facts.put("cores", Runtime.getRuntime().availableProcessors());
    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    // The JVM's total heeds a container's limit; only the kernel knows what it could free.
    facts.put("memory_bytes", system.getTotalMemorySize());
    facts.put("available_memory_bytes", 1024 * Long.parseLong(field(MEMORY_INFO, "MemAvailable").replace(" kB", "")));
  }

  private static String osName() throws IOException {
    return Files.exists(OS_RELEASE) ? field(OS_RELEASE, "PRETTY_NAME").replace("\"", "") : "unknown distribution";
  }

  /** The value of the first line {@code name: value} or {@code name=value}. */
  private static String field(Path file, String name) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.matches(name + "\\s*[:=].*"))
          .map(line -> line.replaceFirst("^[^:=]*[:=]\\s*", ""))
          .findFirst()
          .orElse("unknown");
    }
  }
}
