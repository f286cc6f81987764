package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRandomCommandTest {
  private final Capture capture = new Capture();

  @TempDir Path folder;

  private int run(String... args) {
    return new Main(Commands.ALL, capture.terminal(false)).run(args);
  }

  @Test
  void writesAModelThatDraws() {
    Path model = folder.resolve("model");
    assertEquals(
        ExitCode.OK,
        run("model", "random", "--like", "tiny", "--dtype", "fp16", "--out", model.toString()),
        capture.err());
    assertEquals(model + "\n", capture.out());
    assertTrue(capture.err().contains("model random"), capture.err());
    assertTrue(Files.exists(model.resolve("run.json")));
    Path image = folder.resolve("image.png");
    assertEquals(
        ExitCode.OK,
        run("generate", "--model", model.toString(), "--prompt", "a church", "--steps", "2", "--out", image.toString()),
        capture.err());
  }

  @Test
  void mistakesAreOneLine() {
    assertEquals(ExitCode.USAGE, run("model", "random", "--like", "sd-3", "--out", "x"));
    assertEquals(ExitCode.FAILED, run("model", "random", "--like", "tiny", "--out", folder.toString()));
    assertEquals(2, capture.err().lines().count(), capture.err());
    assertTrue(capture.err().contains("expected one of tiny, sd-1.4, sd-1.5, sd-2.1"), capture.err());
  }
}
