package lethe.bench;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * One call of each benchmark at its smallest shapes, in this JVM: shows that it works, and measures nothing. {@code
 * lethe bench --smoke} runs it.
 *
 * <p>It expects that a benchmark's first {@code model} is its smallest, and its last {@code shape}.
 */
public final class SmokeRun {
  private SmokeRun() {}

  /** Ends with a status other than 0 if a benchmark that {@code arguments[0]} finds fails. */
  public static void main(String[] arguments) throws RunnerException {
    OutputFormat silent = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
    for (BenchmarkListEntry entry : BenchmarkList.defaultList().find(silent, List.of(arguments[0]), List.of())) {
      System.out.println(entry.getUsername());
      run(entry);
    }
  }

  private static void run(BenchmarkListEntry entry) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + Pattern.quote(entry.getUsername()) + "$")
            .mode(Mode.SingleShotTime)
            .forks(0)
            .warmupIterations(0)
            .measurementIterations(1)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    entry.getParams().orElse(Map.of()).forEach((name, values) -> options.param(name, chosen(name, values)));
    new Runner(options.build()).run();
  }

  private static String[] chosen(String name, String[] values) {
    return switch (name) {
      case "model" -> new String[] {values[0]};
      case "shape" -> new String[] {values[values.length - 1]};
      default -> values;
    };
  }
}
