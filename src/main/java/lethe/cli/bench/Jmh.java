package lethe.cli.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import lethe.error.UserException;

/**
 * JMH with the benchmarks of a build, in JVMs of their own with the flags of {@code ./lethe}.
 *
 * @param threads of LibTorch and of the kernels
 * @param sd14 checkpoint of Stable Diffusion 1.4's shapes, or null to leave out the benchmarks that need one
 */
public record Jmh(BenchBuild build, int threads, Path sd14) {
  static final String SD14_PROPERTY = "lethe.bench.sd14";

  /** Says in one sentence what is left out without {@link #sd14}. */
  public static final String SKIPPED =
      "model=sd-1.4 is skipped: it needs --sd14 DIR, which lethe model random --like sd-1.4 --out DIR makes";

  private static final List<String> QUICK =
      List.of("-f", "1", "-wi", "2", "-w", "200ms", "-i", "3", "-r", "200ms");

  /** The names of benchmarks that {@code filter} finds, each with its parameters. */
  public Map<String, List<String>> list(String filter) throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    int status = run(List.of("org.openjdk.jmh.Main", "-lp", filter), lines::add);
    if (status != 0) {
      throw UserException.failed("JMH cannot list the benchmarks of %s: %s"
          .formatted(build.name(), lines.stream().findFirst().orElse("no message")));
    }
    Map<String, List<String>> params = new LinkedHashMap<>();
    List<String> current = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith("lethe.")) {
        current = new ArrayList<>();
        params.put(line.strip(), current);
      } else if (line.strip().startsWith("param ")) {
        current.add(line.strip().replaceFirst("param \"(.*)\" = ", "$1="));
      }
    }
    return params;
  }

  /** Options for one short fork: for a first look. */
  public static List<String> quick() {
    return QUICK;
  }

  /**
   * Runs what {@code filter} finds, and writes JMH's JSON.
   *
   * @param options of JMH
   * @param output told each line that JMH prints
   * @throws UserException if a benchmark fails
   */
  public void run(String filter, List<String> options, Path results, Consumer<String> output)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("org.openjdk.jmh.Main", filter));
    words.addAll(options);
    if (sd14 == null) {
      words.addAll(List.of("-p", "model=tiny"));
    }
    words.addAll(List.of("-foe", "true", "-rf", "json", "-rff", results.toString()));
    List<String> problems = new ArrayList<>();
    int status = run(words, line -> {
      output.accept(line);
      if (line.matches("[\\w.$]+(Exception|Error): .*")) {
        problems.add(line);
      }
    });
    if (status != 0 || !Files.exists(results) || Files.size(results) == 0) {
      throw UserException.failed("a benchmark of %s failed: %s".formatted(
          build.name(), problems.stream().findFirst().orElse("see JMH's messages above; without --quiet")));
    }
  }

  /** The facts that {@code lethe.bench.MachineReport} prints, as one line of JSON; empty where the build has none. */
  String machineReport() throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    int status = run(List.of("lethe.bench.MachineReport"), lines::add);
    return status == 0 ? lines.get(lines.size() - 1) : "{}";
  }

  /** The flags of this JVM, which the benchmarks' get too; but for those that say where it was started. */
  static List<String> flags() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> !flag.startsWith("-Dlethe.home=") && !flag.startsWith("-Dlethe.stderr.tty="))
        .toList();
  }

  private int run(List<String> words, Consumer<String> output) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags());
    if (sd14 != null) {
      command.add("-D" + SD14_PROPERTY + "=" + sd14.toAbsolutePath());
    }
    command.addAll(List.of("-cp", build.classpath()));
    command.addAll(words);
    return Child.run(command, build.home(), Map.of("OMP_NUM_THREADS", String.valueOf(threads)), output);
  }
}
