package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
  private static final Path MODEL = Path.of("src/test/resources/golden/sd1-tiny");

  private Capture capture;

  @TempDir Path folder;

  @BeforeEach
  void setUp() {
    capture = new Capture();
  }

  private int generate(Path out, String... options) {
    List<String> words = new ArrayList<>(List.of("generate", "--model", MODEL.toString(), "--prompt", "a church"));
    words.addAll(List.of("--steps", "2", "--out", out.toString()));
    words.addAll(List.of(options));
    return new Main(Commands.ALL, capture.terminal(false)).run(words.toArray(String[]::new));
  }

  @Test
  void numbersFilesAndSaysWhatIsInThem() throws IOException {
    Path out = folder.resolve("images");
    assertEquals(ExitCode.OK, generate(out, "--count", "2", "--seed", "5"), capture.err());
    assertEquals(ExitCode.OK, generate(out, "--width", "64", "--height", "96"), capture.err());
    assertEquals(
        List.of("00000.png", "00001.png", "00002.png"),
        capture.out().lines().map(line -> Path.of(line).getFileName().toString()).toList());
    assertEquals(128, ImageIO.read(out.resolve("00001.png").toFile()).getWidth());
    assertEquals(96, ImageIO.read(out.resolve("00002.png").toFile()).getHeight());
    String chunk = Files.readString(out.resolve("00001.png"), StandardCharsets.ISO_8859_1);
    assertTrue(chunk.contains("a church\nSteps: 2, Sampler: pndm, CFG scale: 7.5, Seed: 6, Size: 128x128"));
  }

  @Test
  void theSameSeedGivesTheSameFile() throws IOException {
    Path a = folder.resolve("a.png");
    Path b = folder.resolve("b.png");
    Path c = folder.resolve("c.png");
    for (Path file : List.of(a, b)) {
      assertEquals(ExitCode.OK, generate(file, "--scheduler", "euler", "--seed", "9"), capture.err());
    }
    assertEquals(ExitCode.OK, generate(c, "--scheduler", "euler", "--seed", "10"), capture.err());
    assertEquals(-1, Files.mismatch(a, b));
    assertTrue(Files.mismatch(a, c) >= 0);
  }

  @Test
  void aGridHasARowForEveryPrompt() throws IOException {
    Path out = folder.resolve("grid.png");
    int status = generate(out, "--prompt", "a dog", "--prompt", "a cat", "--count", "2", "--grid");
    assertEquals(ExitCode.OK, status, capture.err());
    assertTrue(ImageIO.read(out.toFile()).getHeight() > ImageIO.read(out.toFile()).getWidth());
  }

  @Test
  void mistakesAreOneLine() throws IOException {
    Path taken = Files.createFile(folder.resolve("taken.png"));
    assertEquals(ExitCode.FAILED, generate(taken));
    assertEquals(ExitCode.USAGE, generate(folder.resolve("x.png"), "--count", "3"));
    assertEquals(ExitCode.USAGE, generate(folder.resolve("x.png"), "--width", "65"));
    assertEquals(ExitCode.USAGE, generate(folder.resolve("x.png"), "--scheduler", "heun"));
    assertEquals(4, capture.err().lines().count(), capture.err());
    assertTrue(capture.err().contains("taken.png exists"));
  }

  @Test
  void longPromptsAreWarnedOf() {
    assertEquals(ExitCode.OK, generate(folder.resolve("x.png"), "--prompt", "dog ".repeat(100), "--grid"));
    assertTrue(capture.err().contains("only the first 75 count"), capture.err());
  }
}
