package lethe.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lethe.attack.prompt.AttackPrompt;
import lethe.checkpoint.AtomicOutput;
import lethe.report.demo.DemoFindings;
import lethe.report.demo.DemoJson;
import lethe.report.demo.DemoPage;

/** The demo's folder: the page, its figures, and the prompts by which its parts can be repeated. */
public final class DemoOutput {
  /** Needs nothing else in the folder. */
  public static final String PAGE = "index.html";

  static final String FIGURES = "demo.json";
  static final String PROMPTS = "prompts.csv";
  static final String RETAIN = "retain.txt";

  private DemoOutput() {}

  /**
   * Writes the folder, whole or not at all.
   *
   * @throws lethe.error.UserException if it exists or cannot be written
   */
  public static void write(Path out, DemoSettings settings, DemoFindings findings) {
    String page = new DemoPage(findings).html();
    byte[] figures = DemoJson.of(findings);
    AtomicOutput.folder(
        out,
        folder -> {
          Files.writeString(folder.resolve(PAGE), page);
          Files.write(folder.resolve(FIGURES), figures);
          writeLines(folder.resolve(PROMPTS), prompts(settings.attackedPictures()));
          writeLines(folder.resolve(RETAIN), settings.retainPrompts());
        });
  }

  /** CSV; neither styles nor concepts have quotes or line breaks. */
  private static List<String> prompts(List<AttackPrompt> prompts) {
    List<String> lines = new ArrayList<>();
    lines.add("prompt,evaluation_seed,evaluation_guidance");
    prompts.forEach(
        prompt -> lines.add("\"%s\",%d,%s".formatted(prompt.text(), prompt.seed(), prompt.guidanceScale())));
    return lines;
  }

  private static void writeLines(Path file, List<String> lines) throws IOException {
    Files.write(file, lines);
  }
}
