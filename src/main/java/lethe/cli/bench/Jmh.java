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
 * @param models values of the benchmarks' parameter {@code model}: {@link #TINY}, {@link #SD14}
 * @param sd14 checkpoint of Stable Diffusion 1.4's shapes; null if {@code models} lacks it
 */
public record Jmh(BenchBuild build, int threads, List<String> models, Path sd14) {
  /** The bundled model. */
  public static final String TINY = "tiny";

  /** A checkpoint of Stable Diffusion 1.4's shapes. */
  public static final String SD14 = "sd-1.4";

  static final String SD14_PROPERTY = "lethe.bench.sd14";

  /** Says in one sentence what is left out without such a checkpoint. */
  public static final String SKIPPED =
      "model=sd-1.4 is skipped: it needs --sd14 DIR, which lethe model random --like sd-1.4 --out DIR makes";

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
    words.addAll(List.of("-p", "model=" + String.join(",", models)));
    words.addAll(List.of("-foe", "true", "-rf", "json", "-rff", results.toString()));
    List<String> lines = new ArrayList<>();
    int status = run(words, line -> {
      lines.add(line);
      output.accept(line);
    });
    if (status != 0 || !Files.exists(results) || Files.size(results) == 0) {
      throw UserException.failed("a benchmark of %s failed: %s".formatted(build.name(), problem(lines)));
    }
  }

  private static String problem(List<String> lines) {
    return lines.stream()
        .filter(line -> line.matches("[\\w.$]+(Exception|Error): .*"))
        .findFirst()
        .orElse("see JMH's messages above; without --quiet");
  }

  /**
   * Runs what {@code filter} finds once at its smallest shapes, all in one JVM, to see that it works.
   *
   * @throws UserException if a benchmark fails
   */
  public void smoke(String filter, Consumer<String> output) throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    int status = run(List.of("lethe.bench.SmokeRun", filter), line -> {
      lines.add(line);
      output.accept(line);
    });
    if (status != 0) {
      throw UserException.failed("a benchmark of %s failed: %s".formatted(build.name(), problem(lines)));
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
