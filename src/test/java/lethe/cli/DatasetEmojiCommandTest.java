package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetEmojiCommandTest {
  private final Capture capture = new Capture();

  @TempDir Path folder;

  private int run(String... args) {
    return new Main(Commands.ALL, capture.terminal(false)).run(args);
  }

  @Test
  void aFolderWithoutPackagesIsNamedWithWhatItLacks() {
    Path out = folder.resolve("emoji");
    assertEquals(
        ExitCode.FAILED, run("dataset", "emoji", "--from", folder.toString(), "--out", out.toString()), capture.err());
    assertTrue(capture.err().contains("run npm install @iconify-json/noto@1.2.9"), capture.err());
    assertEquals(1, capture.err().lines().count(), capture.err());
    assertFalse(Files.exists(out));
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    assertEquals(ExitCode.USAGE, run("dataset", "emoji", "--from", "x", "--out", "y", "--variants", "0"));
    assertEquals(ExitCode.USAGE, run("dataset", "emoji", "--from", "x"));
  }

  @Test
  void aConceptThatIsNotInTheSetIsNamedWithTheNearest() {
    assertEquals(ExitCode.USAGE, run("dataset", "emoji", "--from", "x", "--out", "y", "--concepts", "church,casle"));
    assertTrue(capture.err().contains("'casle' is unknown"), capture.err());
    assertTrue(capture.err().contains("castle"), capture.err());
  }
}
