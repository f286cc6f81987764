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

/** The whole command on a golden model: what it writes, and what it says to mistakes. */
class EraseForgetMeNotCommandTest {
  private static final Path MODEL = Path.of("src/test/resources/golden/sd1-tiny");
  private static final Path IMAGES = Path.of("models/emoji-canvas/reference/church");
  private static final String UNET_WEIGHTS = "unet/diffusion_pytorch_model.safetensors";

  private Capture capture;

  @TempDir Path folder;
  private Path out;

  @BeforeEach
  void setUp() {
    capture = new Capture();
    out = folder.resolve("erased");
  }

  private int erase(Path model, String concept, String... options) {
    List<String> words = new ArrayList<>(List.of("erase", "forget-me-not"));
    words.addAll(List.of("--model", model.toString(), "--concept", concept));
    words.addAll(List.of("--max-train-steps", "2", "--learning-rate", "1e-4", "--out", out.toString()));
    words.addAll(List.of(options));
    return new Main(Commands.ALL, capture.terminal(false)).run(words.toArray(String[]::new));
  }

  private JsonNode record() throws IOException {
    return new ObjectMapper().readTree(out.resolve("run.json").toFile());
  }

  @Test
  void writesACheckpointInWhichOnlyTheUNetHasChanged() throws IOException {
    assertEquals(ExitCode.OK, erase(MODEL, "church", "--images", IMAGES.toString()), capture.err());
    assertEquals(out.toString(), capture.out().strip());
    assertTrue(capture.err().contains("loss"), capture.err());
    for (String file : List.of("model_index.json", "unet/config.json", "text_encoder/model.safetensors", "tokenizer/vocab.json")) {
      assertEquals(-1, Files.mismatch(MODEL.resolve(file), out.resolve(file)), file);
    }
    JsonNode record = record();
    assertEquals(2, record.get("losses").size());
    assertEquals(1e-4, record.at("/settings/learning-rate").asDouble());
    assertEquals("a photo of church", record.at("/prompts/0").asText());
    assertNotEquals(
        record.at("/model_sha256").get(UNET_WEIGHTS).asText(), record.at("/output_sha256").get(UNET_WEIGHTS).asText());
  }

  /** The same seed gives the same run, whoever computes it. */
  @Test
  void providersGiveTheSameTraining() throws IOException {
    List<JsonNode> losses = new ArrayList<>();
    for (String provider : List.of("native", "composed")) {
      out = folder.resolve(provider);
      int status = erase(MODEL, "church:object:" + IMAGES, "--provider", provider, "--seed", "3");
      assertEquals(ExitCode.OK, status, capture.err());
      assertEquals(provider, record().get("provider").asText());
      losses.add(record().get("losses"));
    }
    for (int step = 0; step < 2; step++) {
      double fused = losses.get(0).get(step).asDouble();
      assertEquals(losses.get(1).get(step).asDouble(), fused, 1e-5 * fused);
    }
  }

  @Test
  void takesASingleFileAndGivesOne() throws IOException {
    out = folder.resolve("erased.safetensors");
    int status = erase(MODEL.resolve("single-file.safetensors"), "church", "--images", IMAGES.toString());
    assertEquals(ExitCode.OK, status, capture.err());
    assertTrue(Files.size(out) > 1_000_000);
    assertTrue(Files.exists(folder.resolve("erased.safetensors.run.json")));
  }

  @Test
  void needsNoImagesWhereItStartsFromZeros() {
    assertEquals(ExitCode.OK, erase(MODEL, "van gogh", "--type", "style", "--no-real-image"), capture.err());
  }

  @Test
  void mistakesAreOneLineAndLeaveNothing() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path broken = Files.createDirectory(folder.resolve("broken"));
    Files.writeString(broken.resolve("x.png"), "no image");
    assertMistake(ExitCode.FAILED, "no image in", "church", "--images", empty.toString());
    assertMistake(ExitCode.FAILED, "x.png", "church", "--images", broken.toString());
    assertMistake(ExitCode.USAGE, "does not occur", "church", "--images", IMAGES.toString(), "--prompt", "a dog");
    assertMistake(ExitCode.USAGE, "has no images", "church");
    assertMistake(ExitCode.USAGE, "NAME:TYPE:IMAGES", "church:object");
    assertMistake(ExitCode.USAGE, "a multiple of 8", "church", "--images", IMAGES.toString(), "--resolution", "63");
    out = empty;
    assertMistake(ExitCode.FAILED, "exists", "church", "--images", IMAGES.toString());
  }

  private void assertMistake(int status, String named, String concept, String... options) throws IOException {
    capture = new Capture();
    List<String> before = names();
    assertEquals(status, erase(MODEL, concept, options), capture.err());
    assertTrue(capture.err().contains(named), capture.err());
    assertEquals(1, capture.err().lines().count(), capture.err());
    assertFalse(capture.err().contains("Exception"), capture.err());
    assertEquals(before, names());
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(Path::toString).sorted().toList();
    }
  }
}
