package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
  private static final Pattern IMAGE =
      Pattern.compile("<img src=\"data:image/png;base64,([^\"]+)\"[^>]* alt=\"([^\"]*)\"");

  @TempDir Path folder;

  @Test
  void aSmallDemoWritesOnePageThatNeedsNoOther() throws IOException {
    Path out = folder.resolve("demo");
    Run run = run(
        "demo", "--retain", "castle", "--retain", "dog face", "--count", "1", "--steps", "1", "--max-train-steps", "1",
        "--iterations", "1", "--budget", "1", "--out", out.toString());
    assertEquals(ExitCode.OK, run.exitCode(), run.err());
    assertEquals(out.resolve("index.html") + System.lineSeparator(), run.out());

    String page = Files.readString(out.resolve("index.html"));
    assertFalse(Pattern.compile("https?:|<script|<link|@import|url\\(|src=\"(?!data:)").matcher(page).find());
    assertFalse(page.contains("{{"), "every place is filled");
    int images = 0;
    for (Matcher image = IMAGE.matcher(page); image.find(); images++) {
      byte[] png = Base64.getDecoder().decode(image.group(1));
      assertNotNull(ImageIO.read(new ByteArrayInputStream(png)));
      assertFalse(image.group(2).isBlank(), "every picture says what it shows");
    }
    int styles = 5;
    int cards = 1 + styles + 2 * styles + styles; // the first once more, erased, retained, attention
    assertTrue(images >= 3 * cards + 1, images + " images"); // and the legend; the attack's, if it finds any
    assertEquals(Pattern.compile("<img").matcher(page).results().count(), images);

    JsonNode figures = new ObjectMapper().readTree(out.resolve("demo.json").toFile());
    assertEquals(3, figures.get("models").size());
    for (JsonNode model : figures.get("models")) {
      assertEquals(styles, model.get("erased").get("pictures").asInt());
      assertEquals(2 * styles, model.get("retained").get("pictures").asInt());
      double attention = model.get("pictures").get(0).get("mean_attention").asDouble();
      assertTrue(attention > 0 && attention < 1, "attention " + attention);
    }
    assertEquals(List.of("a picture of a castle"), Files.readAllLines(out.resolve("retain.txt")));
    assertEquals(1 + styles, Files.readAllLines(out.resolve("prompts.csv")).size());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(out), files.toList(), "nothing half-written is left");
    }
  }

  @Test
  void mistakesAreNamedBeforeAnyWork() throws IOException {
    assertMistake("--concept: 'chruch' is unknown to the judge; did you mean church?", "--concept", "chruch");
    assertMistake("--concept: 'ink' is a style;", "--concept", "ink");
    assertMistake("--retain: 'noto' is a style;", "--retain", "noto");
    Path pictures = Files.createDirectories(folder.resolve("pictures/church")).getParent();
    assertMistake("has no folder of pictures", "--concept", "balloon", "--references", pictures.toString());
    assertMistake("cannot be both erased and retained", "--retain", "church");
    assertMistake("no such", "--model", folder.resolve("nowhere").toString());
    Files.createDirectory(folder.resolve("taken"));
    Run run = run("demo", "--out", folder.resolve("taken").toString());
    assertEquals(ExitCode.FAILED, run.exitCode());
    assertTrue(run.err().contains("exists already"), run.err());
  }

  private record Run(int exitCode, String out, String err) {}

  private static Run run(String... words) {
    Capture capture = new Capture();
    int exitCode = new Main(Commands.ALL, capture.terminal(false)).run(words);
    return new Run(exitCode, capture.out(), capture.err());
  }

  private void assertMistake(String message, String... options) {
    String[] words = Stream.concat(Stream.of("demo", "--out", folder.resolve("out").toString()), Stream.of(options))
        .toArray(String[]::new);
    Run run = run(words);
    assertTrue(run.exitCode() == ExitCode.USAGE || run.exitCode() == ExitCode.FAILED, run.err());
    assertTrue(run.err().contains(message), run.err());
    assertFalse(Files.exists(folder.resolve("out")));
  }
}
