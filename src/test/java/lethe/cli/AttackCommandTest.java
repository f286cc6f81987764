package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lethe.evaluate.BenchPrompt;
import lethe.evaluate.Bundled;
import lethe.evaluate.ConceptBench;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole commands on a golden model of random weights: what they print and write, and what they say to mistakes. */
class AttackCommandTest {
  private static final String MODEL = "src/test/resources/golden/sd1-tiny";
  private static final String REFERENCES = "models/emoji-canvas/reference";

  private Capture capture;
  private Path prompts;

  @TempDir Path folder;

  @BeforeEach
  void setUp() throws IOException {
    capture = new Capture();
    prompts = Files.writeString(folder.resolve("prompts.txt"), "a photo of a church\na church at night\n");
  }

  private int attack(String name, String... options) {
    List<String> words = new ArrayList<>(List.of("attack", name, "--model", MODEL));
    if (prompts != null) {
      words.addAll(List.of("--prompts", prompts.toString()));
    }
    words.addAll(List.of("--sampling-step-num", "2", "--scheduler", "ddim"));
    words.addAll(List.of(options));
    return new Main(Commands.ALL, capture.terminal(false)).run(words.toArray(String[]::new));
  }

  private int attackChurch(String name, String... options) {
    List<String> words = new ArrayList<>(List.of("--concept", "church", "--references", REFERENCES));
    words.addAll(List.of(options));
    return attack(name, words.toArray(String[]::new));
  }

  @Test
  void printsTheRatesAndWritesARecord() throws IOException {
    Path out = folder.resolve("out");
    int status =
        attackChurch(
            "unlearndiffatk", "--original", MODEL, "--budget", "4", "--iteration", "2", "--out", out.toString());
    assertEquals(ExitCode.OK, status, capture.err());
    assertTrue(capture.out().startsWith("before  after  prompt\n"), capture.out());
    assertTrue(capture.out().contains("the prompts as they are  "), capture.out());
    assertTrue(capture.out().contains("of 2, "), capture.out());
    assertTrue(capture.err().contains("draw the concept 2/2"), capture.err());
    assertTrue(capture.err().contains("loss"), capture.err());
    JsonNode record = new ObjectMapper().readTree(out.resolve("run.json").toFile());
    assertEquals("attack unlearndiffatk", record.get("command").asText());
    assertEquals(3, record.at("/settings/k").asInt());
    assertEquals(0.01, record.at("/settings/lr").asDouble());
    assertEquals("prefix-k", record.at("/settings/insertion-location").asText());
    assertFalse(record.get("interrupted").asBoolean());
    assertEquals(2, record.at("/result/prompts").size());
    assertTrue(record.get("model_sha256").size() > 0);
  }

  @Test
  void jsonHasEveryCandidateAndTheSettings() throws IOException {
    assertEquals(
        ExitCode.OK,
        attackChurch("p4d", "--original", MODEL, "--budget", "2", "--iteration", "1", "--json"),
        capture.err());
    JsonNode result = new ObjectMapper().readTree(capture.out());
    assertEquals("attack p4d", result.get("attack").asText());
    assertEquals(50, result.at("/settings/n-samples").asInt());
    assertEquals(2, result.at("/settings/budget").asInt());
    for (JsonNode prompt : result.get("prompts")) {
      for (JsonNode attempt : prompt.get("attempts")) {
        assertEquals(3, attempt.get("token_ids").size());
        assertEquals(3, attempt.get("tokens").size());
        assertTrue(attempt.get("mean_loss").isNumber());
      }
    }
    int after = result.at("/after/successes").asInt();
    assertTrue(after >= result.at("/before/successes").asInt());
    assertEquals(after / 2.0, result.at("/after/rate").asDouble());
    assertEquals(2, result.at("/after/wilson95").size());
  }

  @Test
  void randomNeedsNoImages() {
    assertEquals(ExitCode.OK, attackChurch("random", "--budget", "1"), capture.err());
  }

  @Test
  void withoutPromptsConceptBenchAsks() throws IOException {
    prompts = null;
    assertEquals(ExitCode.OK, attackChurch("random", "--budget", "1", "--json"), capture.err());
    List<String> asked = new ObjectMapper().readTree(capture.out()).get("prompts").findValuesAsText("prompt");
    List<String> published =
        ConceptBench.read(Bundled.bench()).list("published").concept("church").prompts().stream()
            .map(BenchPrompt::text)
            .toList();
    assertEquals(published, asked, "the golden model has no pictures");
    assertMistake(
        2, "--concept 'hut': ConceptBench has no prompts for it; give some by --prompts FILE", "random",
        "--concept", "hut", "--references", REFERENCES);
  }

  @Test
  void aClassifierMayJudge() {
    String judge = "models/emoji-judge";
    int status = attack("random", "--concept", "church", "--judge", judge, "--budget", "1");
    assertEquals(ExitCode.OK, status, capture.err());
    assertMistake(2, "did you mean church?", "random", "--concept", "chruch", "--judge", judge);
    assertMistake(
        2, "exclude each other", "random", "--concept", "church", "--judge", judge, "--references", REFERENCES);
  }

  @Test
  void cceWritesWhatItLearnt() {
    Path out = folder.resolve("out");
    int status =
        attackChurch(
            "cce", "--images", REFERENCES + "/church", "--max-train-steps", "3", "--out", out.toString());
    assertEquals(ExitCode.OK, status, capture.err());
    assertTrue(Files.exists(out.resolve("learned_embeds.safetensors")));
    assertTrue(capture.err().contains("attack cce 3/3"), capture.err());
  }

  @Test
  void mistakesAreOneLine() throws IOException {
    assertMistake(2, "no pictures of the concept; add --original", "unlearndiffatk", "--concept", "church");
    assertMistake(2, "--original CHECKPOINT is missing", "p4d", "--concept", "church", "--images", REFERENCES);
    assertMistake(2, "has no reference folder", "random", "--concept", "church");
    assertMistake(2, "did you mean church?", "random", "--concept", "chruch", "--references", REFERENCES);
    assertMistake(
        2, "expected {concept}", "cce", "--concept", "church", "--references", REFERENCES, "--images",
        REFERENCES + "/church", "--template", "a photo");
    assertMistake(
        1, "exists already", "random", "--concept", "church", "--references", REFERENCES, "--out", folder.toString());
    prompts = Files.writeString(folder.resolve("long.txt"), "dog ".repeat(80));
    assertMistake(1, "only 75 fit", "random", "--concept", "church", "--references", REFERENCES);
    prompts = folder.resolve("absent.txt");
    assertMistake(1, "no such file", "random", "--concept", "church");
  }

  private void assertMistake(int status, String expected, String name, String... options) {
    capture = new Capture();
    assertEquals(status, attack(name, options), capture.err());
    assertTrue(capture.err().contains(expected), capture.err());
    assertEquals(1, capture.err().lines().filter(line -> line.startsWith("lethe:")).count(), capture.err());
    assertEquals("", capture.out());
  }
}
