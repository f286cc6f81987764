package lethe.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import lethe.checkpoint.AtomicOutput;
import lethe.error.UserException;
import lethe.gate.Comparison;
import lethe.gate.ComparisonJson;
import lethe.gate.ComparisonText;
import lethe.gate.Gate;
import lethe.gate.ResultFile;

/** {@code lethe bench compare}: the regression gate. */
final class BenchCompareCommand implements Command {
  private static final Flag<Double> SMALLEST_EFFECT =
      Flag.decimal("smallest-effect", Range.between(0.0, 100.0), "percent of change that do not matter")
          .orElse(100 * Gate.DEFAULT_SMALLEST_EFFECT);
  private static final Flag<Path> JSON = Flag.path("json", "FILE", "write the comparison as JSON");
  private static final Flag<Path> MARKDOWN = Flag.path("markdown", "FILE", "write it as Markdown, for a pull request");

  @Override
  public Syntax syntax() {
    return new Syntax()
        .operand("BASE.json", "results of the code before")
        .operand("NEW.json", "results of the code after")
        .flags("Decision", SMALLEST_EFFECT)
        .flags("Output", JSON, MARKDOWN)
        .example("./lethe bench compare before.json after.json --markdown comparison.md");
  }

  /** Ends with {@link ExitCode#THRESHOLD_MISSED} if a benchmark has become slower. */
  @Override
  public int run(Arguments arguments, Terminal terminal) {
    arguments.find(JSON).ifPresent(AtomicOutput::requireAbsent);
    arguments.find(MARKDOWN).ifPresent(AtomicOutput::requireAbsent);
    Gate gate = new Gate(arguments.get(SMALLEST_EFFECT) / 100, Gate.DEFAULT_ALPHA);
    Comparison comparison =
        gate.compare(ResultFile.read(path(arguments, 0)), ResultFile.read(path(arguments, 1)));
    comparison.warnings().forEach(terminal::warn);
    terminal.print(ComparisonText.plain(comparison));
    arguments.find(JSON).ifPresent(file -> write(file, Json.of(ComparisonJson.of(comparison)) + "\n"));
    arguments.find(MARKDOWN).ifPresent(file -> write(file, ComparisonText.markdown(comparison)));
    return comparison.hasRegression() ? ExitCode.THRESHOLD_MISSED : ExitCode.OK;
  }

  private static Path path(Arguments arguments, int index) {
    String word = arguments.operand(index);
    if (word.isEmpty()) {
      throw UserException.usage("an empty file name");
    }
    return Path.of(word);
  }

  private static void write(Path file, String text) {
    AtomicOutput.file(file, channel -> channel.write(StandardCharsets.UTF_8.encode(text)));
  }
}
