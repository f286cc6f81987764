package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command says to prompts, banks and settings that do not fit, and what it leaves behind. */
class EraseAdvUnlearnInputTest {
  private static final Path MODEL = Path.of("src/test/resources/golden/sd1-tiny");
  private static final Path OTHER_MODEL = Path.of("src/test/resources/golden/sd2-tiny");
  private static final int ROOM = 75; // positions between start and end of text

  private Capture capture;

  @TempDir Path folder;
  private Path out;
  private Path retain;

  @BeforeEach
  void setUp() throws IOException {
    out = folder.resolve("erased");
    retain = folder.resolve("retain.txt");
    Files.writeString(retain, "a photo of chair\na photo of banana\n");
  }

  private int erase(Path model, String concept, String... options) {
    capture = new Capture();
    List<String> words = TinyErasure.words(model, concept, retain, out);
    words.addAll(List.of(options));
    if (!words.contains("--warmup-iter")) {
      words.addAll(List.of("--warmup-iter", "1"));
    }
    return new Main(Commands.ALL, capture.terminal(false)).run(words.toArray(String[]::new));
  }

  private List<String> retained() throws IOException {
    List<String> prompts = new ArrayList<>();
    JsonNode record = new ObjectMapper().readTree(out.resolve("run.json").toFile());
    record.get("retain_prompts").forEach(prompt -> prompts.add(prompt.asText()));
    return prompts;
  }

  @Test
  void whatARetainListHasTooMuchIsLeftOutWithAWarning() throws IOException {
    Files.writeString(
        retain, "a photo of chair\n\na photo of chair\na portrait by Van Gogh\n" + "long ".repeat(80) + "\n");
    assertEquals(ExitCode.OK, erase(MODEL, "van gogh", "--iterations", "1"), capture.err());
    assertWarned("empty lines are left out");
    assertWarned("repeated prompts are left out: \"a photo of chair\"");
    assertWarned("prompts about the concept are left out: \"a portrait by Van Gogh\"");
    assertWarned("prompts of more than 75 tokens are cut: \"long long");
    assertEquals(List.of("a photo of chair", "long ".repeat(80).strip()), retained());
  }

  @Test
  void promptsAboutTheConceptStayWhereTheyAreWanted() throws IOException {
    Files.writeString(retain, "a photo of chair\na portrait by van gogh\n");
    assertEquals(ExitCode.OK, erase(MODEL, "van gogh", "--iterations", "1", "--retain-related"), capture.err());
    assertEquals(List.of("a photo of chair", "a portrait by van gogh"), retained());
    assertFalse(capture.err().contains("warning"), capture.err());
  }

  @Test
  void aRetainListOfTheConceptAloneIsRefused() throws IOException {
    Files.writeString(retain, "a portrait by van gogh\n");
    assertRefused(ExitCode.FAILED, "no prompts are left to retain", MODEL, "van gogh");
    Files.writeString(retain, "\n \n");
    assertRefused(ExitCode.FAILED, "has no prompts; write one on each line", MODEL, "van gogh");
  }

  @Test
  void emptyAndRepeatedConceptsAreRefused() throws IOException {
    assertRefused(ExitCode.USAGE, "none of them empty", MODEL, " ");
    assertRefused(ExitCode.USAGE, "prompts that differ", MODEL, "church, church", "--seperator", ",");
    assertRefused(ExitCode.USAGE, "none of them empty", MODEL, "church,,tench", "--seperator", ",");
  }

  @Test
  void aConceptNeedsRoomForTheAttacksTokens() throws IOException {
    String full = "o ".repeat(ROOM).strip();
    assertRefused(ExitCode.USAGE, "room for 0 adversarial tokens, not 1", MODEL, full);
    assertRefused(ExitCode.USAGE, "takes 79 positions, 2 more than the text encoder has", MODEL, full + " o o");
    String fits = "o ".repeat(ROOM - 3).strip();
    assertRefused(ExitCode.USAGE, "room for 3 adversarial tokens, not 4", MODEL, fits, "--adv-prompt-num", "4");
    assertEquals(ExitCode.OK, erase(MODEL, fits, "--adv-prompt-num", "3", "--iterations", "2"), capture.err());
  }

  @Test
  void aBankOfAnotherCheckpointOrConceptIsRefused() throws IOException {
    String bank = folder.resolve("bank").toString();
    assertEquals(ExitCode.OK, erase(MODEL, "van gogh", "--bank", bank, "--iterations", "1"), capture.err());
    out = folder.resolve("other");
    String checkpoint = "of another checkpoint: its unet_sha256 is";
    assertRefused(ExitCode.FAILED, checkpoint, OTHER_MODEL, "van gogh", "--bank", bank);
    assertRefused(ExitCode.FAILED, "of another concept: its concept is", MODEL, "church", "--bank", bank);
  }

  @Test
  void aLossThatIsNotFiniteEndsTheRunAndKeepsTheStateBefore() throws IOException {
    Path state = folder.resolve("erased.state.safetensors");
    String[] exploding = {"--attack-lr", "1e30", "--iterations", "3"};
    assertEquals(ExitCode.FAILED, erase(MODEL, "van gogh", exploding), capture.err());
    assertTrue(
        capture.err().contains("iteration 2: the attack's loss or gradient is not finite at its step 2; lower"),
        capture.err());
    assertTrue(capture.err().contains(state + " is the state before"), capture.err());
    assertFalse(Files.exists(out));

    String[] before = {"--attack-lr", "1e30", "--iterations", "1", "--resume", state.toString()};
    assertEquals(ExitCode.OK, erase(MODEL, "van gogh", before), capture.err());
    Path kept = out;
    out = folder.resolve("one");
    assertEquals(ExitCode.OK, erase(MODEL, "van gogh", "--iterations", "1"), capture.err());
    String weights = "text_encoder/model.safetensors";
    assertEquals(-1, Files.mismatch(out.resolve(weights), kept.resolve(weights)), "iteration 1 as it was");
    assertNotEquals(-1, Files.mismatch(MODEL.resolve(weights), kept.resolve(weights)));
  }

  @Test
  void aFirstIterationThatFailsLeavesNothing() throws IOException {
    String[] exploding = {"--attack-lr", "1e30", "--warmup-iter", "0"};
    assertRefused(ExitCode.FAILED, "iteration 1: the attack's loss", MODEL, "van gogh", exploding);
  }

  @Test
  void aGradientThatIsNotFiniteChangesNoWeight() throws IOException {
    String[] overflowing = {"--retain-train", "reg", "--retain-loss-w", "1e39", "--iterations", "2"};
    assertRefused(ExitCode.FAILED, "iteration 1: a gradient is not finite; lower", MODEL, "van gogh", overflowing);
  }

  private void assertWarned(String part) {
    List<String> lines = capture.err().lines().filter(line -> line.contains(part)).toList();
    assertEquals(1, lines.size(), capture.err());
    assertTrue(lines.get(0).startsWith("warning: " + retain + ": "), lines.get(0));
  }

  private void assertRefused(int status, String part, Path model, String concept, String... options)
      throws IOException {
    List<String> before = names();
    assertEquals(status, erase(model, concept, options), capture.err());
    List<String> errors = capture.err().lines().filter(line -> line.startsWith("lethe: ")).toList();
    assertEquals(1, errors.size(), capture.err());
    assertTrue(errors.get(0).contains(part), errors.get(0));
    assertFalse(capture.err().contains("Exception"), capture.err());
    assertEquals(before, names());
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(Path::toString).sorted().toList();
    }
  }
}
