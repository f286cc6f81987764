package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole command on a golden model of random weights: what it prints and writes, and what it says to mistakes. */
class EvaluateCommandTest {
  private static final String MODEL = "src/test/resources/golden/sd1-tiny";
  private static final String JUDGE = "models/emoji-judge";

  private Capture capture = new Capture();

  @TempDir Path folder;

  private int evaluate(String... options) {
    List<String> words = new ArrayList<>(List.of("evaluate", "--model", MODEL, "--steps", "1", "--count", "1"));
    words.addAll(List.of(options));
    return new Main(Commands.ALL, capture.terminal(false)).run(words.toArray(String[]::new));
  }

  @Test
  void printsAccuraciesAndWritesEveryJudgement() throws IOException {
    Path out = folder.resolve("out.json");
    Path sheet = folder.resolve("sheet.png");
    int status =
        evaluate(
            "--judge", JUDGE, "--concepts", "church, dog face", "--styles", "ink,noto", "--table", "--out",
            out.toString(), "--sheet", sheet.toString());
    assertEquals(ExitCode.OK, status, capture.err());
    assertTrue(capture.out().contains("of 8, "), capture.out());
    assertTrue(capture.out().lines().anyMatch(line -> line.startsWith("dog face ")), capture.out());
    assertTrue(Files.size(sheet) > 0);
    JsonNode result = new ObjectMapper().readTree(out.toFile());
    assertEquals(8, result.at("/concept/pictures").asInt(), "two of ConceptBench's prompts in each style");
    assertEquals(4, result.at("/by_concept/church/pictures").asInt());
    assertEquals("a picture of a church in noto style", result.at("/pictures/0/prompt").asText());
    assertEquals("a church in ink style", result.at("/pictures/3/prompt").asText());
    assertEquals(1, result.at("/pictures/1/seed").asInt());
  }

  @Test
  void aTemplateStandsInThePlaceOfConceptBench() throws IOException {
    Path out = folder.resolve("out.json");
    int status =
        evaluate(
            "--judge", JUDGE, "--concepts", "church", "--styles", "ink,noto", "--template", "{a concept}, {style}",
            "--out", out.toString());
    assertEquals(ExitCode.OK, status, capture.err());
    JsonNode result = new ObjectMapper().readTree(out.toFile());
    assertEquals(2, result.at("/concept/pictures").asInt());
    assertEquals("a church, ink", result.at("/pictures/0/prompt").asText());
  }

  @Test
  void neighboursOfTheErasedConceptAreToBeRetained() {
    int status = evaluate("--judge", JUDGE, "--styles", "ink", "--before", MODEL, "--erased", "church");
    assertEquals(ExitCode.OK, status, capture.err());
    List<String> named = capture.out().lines().skip(1).limit(4).map(line -> line.split(" {2,}| \\(")[0]).toList();
    assertEquals(List.of("church", "castle", "house", ""), named, capture.out());
  }

  @Test
  void comparesWithTheModelBeforeErasing() {
    int status =
        evaluate(
            "--judge", JUDGE, "--concepts", "church,castle", "--styles", "ink", "--before", MODEL, "--erased",
            "church");
    assertEquals(ExitCode.OK, status, capture.err());
    assertTrue(capture.out().contains("church (erased)"), capture.out());
    assertTrue(capture.out().lines().anyMatch(line -> line.startsWith("retained  before  ")), capture.out());
  }

  @Test
  void anErasedStyleIsDrawnFromPromptsOfItsOwn() throws IOException {
    Path out = folder.resolve("out.json");
    Path sheet = folder.resolve("sheet.png");
    int status =
        evaluate(
            "--judge", JUDGE, "--before", MODEL, "--erased", "ink", "--concepts", "church", "--out",
            out.toString(), "--sheet", sheet.toString());
    assertEquals(ExitCode.OK, status, capture.err());
    List<String> named = capture.out().lines().skip(1).limit(3).map(line -> line.split(" {2,}")[0]).toList();
    assertEquals(List.of("ink (erased)", "church", ""), named, capture.out());
    JsonNode result = new ObjectMapper().readTree(out.toFile());
    assertEquals("a picture of a church in ink style", result.at("/pictures/0/prompt").asText());
    assertEquals(11 + 2, result.at("/by_style/ink/pictures").asInt(), "its own prompts and the church's");
    assertEquals(11 + 1, result.at("/by_concept/church/pictures").asInt(), "its own prompts and the style's");
    assertEquals("ink", result.at("/erased/names/0").asText());
    assertEquals(11 + 2, result.at("/erased/before/pictures").asInt());
    assertEquals(11 + 1, result.at("/retained/after/pictures").asInt());
    int tile = 128 + 2; // the golden model's pictures, and a gap
    BufferedImage drawn = ImageIO.read(sheet.toFile());
    assertEquals(11 * tile - 2, drawn.getWidth(), "ten subjects, and pictures of none in particular");
    assertEquals(6 * tile - 2, drawn.getHeight(), "five styles, and the church without one");
  }

  @Test
  void mistakesAreOneLine() throws IOException {
    assertMistake(2, "did you mean church?", "--judge", JUDGE, "--concepts", "chruch");
    assertMistake(2, "'violin' is unknown; expected some of airplane, ", "--judge", JUDGE, "--concepts", "violin");
    assertMistake(2, "--before needs --erased", "--judge", JUDGE, "--before", MODEL);
    assertMistake(2, "--erased needs --before", "--judge", JUDGE, "--erased", "church");
    assertMistake(2, "has no list of the judge's classes", "--judge", JUDGE, "--bench", otherBench().toString());
    assertMistake(2, "did you mean ink?", "--judge", JUDGE, "--before", MODEL, "--erased", "inc");
    assertMistake(
        2, "'ink' is a style, and one template for all asks for concepts only", "--judge", JUDGE, "--before", MODEL,
        "--erased", "ink", "--template", "{a concept}");
    assertMistake(
        2, "nothing is left that is to be retained", "--judge", JUDGE, "--before", MODEL, "--erased", "church",
        "--concepts", "church");
    assertMistake(
        2, "--styles ink: leaves nothing of 'noto' to draw", "--judge", JUDGE, "--styles", "ink", "--concepts",
        "church,noto");
    assertMistake(2, "expected {a concept}", "--judge", JUDGE, "--template", "a picture");
    assertMistake(1, "is no classifier", "--judge", folder.toString());
    Path out = Files.createFile(folder.resolve("out.json"));
    assertMistake(1, "exists already", "--judge", JUDGE, "--out", out.toString());
  }

  /** ConceptBench with one concept of another name. */
  private Path otherBench() throws IOException {
    String bench = Files.readString(Path.of("models/conceptbench.json"));
    return Files.writeString(folder.resolve("bench.json"), bench.replace("\"alien\"", "\"martian\""));
  }

  private void assertMistake(int status, String expected, String... options) {
    capture = new Capture();
    assertEquals(status, evaluate(options), capture.err());
    assertTrue(capture.err().contains(expected), capture.err());
    assertEquals(1, capture.err().lines().filter(line -> line.startsWith("lethe:")).count(), capture.err());
    assertEquals("", capture.out());
  }
}
