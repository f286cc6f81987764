package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C on the command itself, as a process: what it saves goes on to the bits of a run that nobody interrupted. */
class EraseAdvUnlearnSignalTest {
  private static final Path MODEL = Path.of("src/test/resources/golden/sd1-tiny");
  private static final String TEXT_WEIGHTS = "text_encoder/model.safetensors";
  private static final String ITERATIONS = "8";

  @TempDir Path folder;

  @Test
  void aRunThatWasInterruptedGoesOnToTheSameBits() throws Exception {
    Files.writeString(folder.resolve("retain.txt"), "a photo of chair\na photo of banana\n");
    Path cut = folder.resolve("cut");
    Path state = folder.resolve("cut.state.safetensors");
    try (JavaProcess process = new JavaProcess(program(cut))) {
      awaitErrorLine(process, "advunlearn 2/" + ITERATIONS);
      process.signal("INT");
      awaitErrorLine(process, "stopping after this step");
      awaitErrorLine(process, "go on with the same options and --resume " + state);
      assertEquals(ExitCode.INTERRUPTED, process.exitCode());
    }
    assertTrue(Files.exists(state) && !Files.exists(cut), "the state is all that is left");

    assertEquals(ExitCode.OK, run(cut, "--resume", state.toString()));
    assertFalse(Files.exists(state), "nothing is left to resume");
    Path whole = folder.resolve("whole");
    assertEquals(ExitCode.OK, run(whole));
    assertEquals(-1, Files.mismatch(whole.resolve(TEXT_WEIGHTS), cut.resolve(TEXT_WEIGHTS)));
    for (String losses : List.of("losses", "attack_losses", "retain_losses")) {
      assertEquals(record(whole).get(losses), record(cut).get(losses), losses);
    }
  }

  private List<String> words(Path out) {
    List<String> words = TinyErasure.words(MODEL, "van gogh", folder.resolve("retain.txt"), out);
    words.addAll(List.of("--iterations", ITERATIONS, "--warmup-iter", "1"));
    return words;
  }

  private String[] program(Path out) {
    List<String> words = new ArrayList<>(List.of("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"));
    words.add(Main.class.getName());
    words.addAll(words(out));
    return words.toArray(String[]::new);
  }

  private int run(Path out, String... options) {
    List<String> words = words(out);
    words.addAll(List.of(options));
    return new Main(Commands.ALL, new Capture().terminal(false)).run(words.toArray(String[]::new));
  }

  private static void awaitErrorLine(JavaProcess process, String part) throws IOException {
    List<String> lines = new ArrayList<>();
    String line;
    do {
      line = process.readErrorLine();
      assertNotNull(line, () -> "\"" + part + "\" never came; all there was: " + lines);
      lines.add(line);
    } while (!line.contains(part));
  }

  private static JsonNode record(Path out) throws IOException {
    return new ObjectMapper().readTree(out.resolve("run.json").toFile());
  }
}
