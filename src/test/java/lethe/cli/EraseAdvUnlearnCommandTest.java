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
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole command on a golden model: what it writes, and what it says to mistakes. */
class EraseAdvUnlearnCommandTest {
  private static final Path MODEL = Path.of("src/test/resources/golden/sd1-tiny");
  private static final String TEXT_WEIGHTS = "text_encoder/model.safetensors";
  private static final String UNET_WEIGHTS = "unet/diffusion_pytorch_model.safetensors";

  private Capture capture;

  @TempDir Path folder;
  private Path out;
  private Path retain;

  @BeforeEach
  void setUp() throws IOException {
    capture = new Capture();
    out = folder.resolve("erased");
    retain = folder.resolve("retain.txt");
    Files.writeString(retain, "a photo of chair\na photo of banana\na painting by van gogh\n");
  }

  private int erase(String... options) {
    return erase("van gogh", List.of(options));
  }

  private int erase(String concept, List<String> options) {
    List<String> words = TinyErasure.words(MODEL, concept, retain, out);
    words.addAll(List.of("--iterations", "3", "--warmup-iter", "1"));
    words.addAll(options);
    return new Main(Commands.ALL, capture.terminal(false)).run(words.toArray(String[]::new));
  }

  private JsonNode record() throws IOException {
    return new ObjectMapper().readTree(out.resolve("run.json").toFile());
  }

  @Test
  void writesACheckpointInWhichOnlyTheTextEncoderHasChanged() throws IOException {
    assertEquals(ExitCode.OK, erase("--type", "style"), capture.err());
    assertEquals(out.toString(), capture.out().strip());
    assertTrue(capture.err().contains("about the concept are left out"), capture.err());
    String number = "\\d[\\d.e-]*";
    String losses = "attack %s  erase %s  retain %s".replace("%s", number);
    String progress = "advunlearn 2/3  %s  %s s/step  \\d+:\\d\\d left".formatted(losses, number);
    assertTrue(capture.err().lines().anyMatch(line -> line.matches(progress)), capture.err());
    for (String file : List.of("model_index.json", UNET_WEIGHTS, "tokenizer/vocab.json")) {
      assertEquals(-1, Files.mismatch(MODEL.resolve(file), out.resolve(file)), file);
    }
    JsonNode record = record();
    assertEquals(3, record.get("losses").size());
    assertTrue(record.at("/attack_losses/0").isNull(), "warm-up");
    assertTrue(record.at("/attack_losses/1").isNumber());
    assertEquals("reg", record.at("/settings/retain-train").asText());
    assertEquals(0.5, record.at("/settings/retain-loss-w").asDouble());
    assertEquals(2, record.get("retain_prompts").size());
    assertNotEquals(
        record.at("/model_sha256").get(TEXT_WEIGHTS).asText(), record.at("/output_sha256").get(TEXT_WEIGHTS).asText());
    assertEquals(1200, ImageIO.read(out.resolve("loss.png").toFile()).getWidth());
    assertFalse(Files.exists(folder.resolve("erased.state.safetensors")), "nothing is left to resume");
  }

  @Test
  void reusesABankAndRefusesAnotherConcepts() throws IOException {
    String bank = folder.resolve("bank").toString();
    assertEquals(ExitCode.OK, erase("--bank", bank), capture.err());
    assertTrue(record().at("/bank/0/drawn").asInt() > 0);
    out = folder.resolve("again");
    assertEquals(ExitCode.OK, erase("--bank", bank), capture.err());
    assertEquals(0, record().at("/bank/0/drawn").asInt());
    out = folder.resolve("other");
    assertMistake(ExitCode.FAILED, "another concept", "church", List.of("--bank", bank));
  }

  @Test
  void trainsTheUNetOnFreshLatents() throws IOException {
    assertEquals(ExitCode.OK, erase("--train-method", "xattn", "--strict"), capture.err());
    assertEquals(-1, Files.mismatch(MODEL.resolve(TEXT_WEIGHTS), out.resolve(TEXT_WEIGHTS)));
    assertNotEquals(-1, Files.mismatch(MODEL.resolve(UNET_WEIGHTS), out.resolve(UNET_WEIGHTS)));
  }

  @Test
  void mistakesAreOneLineAndLeaveNothing() throws IOException {
    Path state = folder.resolve("none.safetensors");
    assertMistake(ExitCode.USAGE, "text_encoder_layer0", "--train-method", "everything");
    assertMistake(ExitCode.USAGE, "sampling fresh", "--train-method", "xattn", "--sampling", "bank");
    assertMistake(ExitCode.USAGE, "fp32", "--train-method", "xattn", "--unet-dtype", "bf16");
    assertMistake(ExitCode.USAGE, "does not have", "--train-method", "text_encoder_layer01234");
    assertMistake(ExitCode.USAGE, "room for", "--adv-prompt-num", "80");
    assertMistake(ExitCode.USAGE, "--strict", "--strict", "--attack", "pgd");
    assertMistake(ExitCode.FAILED, state.toString(), "--resume", state.toString());
    Files.writeString(folder.resolve("erased.state.safetensors"), "x");
    assertMistake(ExitCode.FAILED, "earlier run");
  }

  private void assertMistake(int status, String named, String... options) throws IOException {
    assertMistake(status, named, "van gogh", List.of(options));
  }

  private void assertMistake(int status, String named, String concept, List<String> options) throws IOException {
    capture = new Capture();
    List<String> before = names();
    assertEquals(status, erase(concept, options), capture.err());
    List<String> errors = capture.err().lines().filter(line -> line.contains(named)).toList();
    assertEquals(1, errors.size(), capture.err());
    assertFalse(capture.err().contains("Exception"), capture.err());
    assertEquals(before, names());
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(Path::toString).sorted().toList();
    }
  }
}
