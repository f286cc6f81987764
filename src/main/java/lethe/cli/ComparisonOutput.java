package lethe.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import lethe.checkpoint.AtomicOutput;
import lethe.gate.Comparison;
import lethe.gate.ComparisonJson;
import lethe.gate.ComparisonText;

/** Where the commands that compare put what they find: a table on stdout, and files. */
final class ComparisonOutput {
  static final Flag<Path> JSON = Flag.path("json", "FILE", "write the comparison as JSON");
  static final Flag<Path> MARKDOWN = Flag.path("markdown", "FILE", "write it as Markdown, for a pull request");

  private ComparisonOutput() {}

  /** Before hours are spent on what then cannot be written. */
  static void requireAbsent(Arguments arguments) {
    arguments.find(JSON).ifPresent(AtomicOutput::requireAbsent);
    arguments.find(MARKDOWN).ifPresent(AtomicOutput::requireAbsent);
  }

  static void write(Comparison comparison, Arguments arguments, Terminal terminal) {
    terminal.print(ComparisonText.plain(comparison));
    arguments.find(JSON).ifPresent(file -> write(file, Json.of(ComparisonJson.of(comparison)) + "\n"));
    arguments.find(MARKDOWN).ifPresent(file -> write(file, ComparisonText.markdown(comparison)));
  }

  private static void write(Path file, String text) {
    AtomicOutput.file(file, channel -> channel.write(StandardCharsets.UTF_8.encode(text)));
  }
}
