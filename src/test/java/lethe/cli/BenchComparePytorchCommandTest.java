package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said where Python lacks something; stand-ins take the place of Python. */
class BenchComparePytorchCommandTest {
  @TempDir Path folder;

  private final Capture capture = new Capture();

  @BeforeEach
  void setHome() {
    System.setProperty("lethe.home", Path.of("").toAbsolutePath().toString());
  }

  @AfterEach
  void clearHome() {
    System.clearProperty("lethe.home");
  }

  private String error(String python) {
    int status =
        new Main(Commands.ALL, capture.terminal(false)).run("bench", "compare-pytorch", "--python", python);
    assertEquals(1, status);
    assertEquals(1, capture.err().lines().count(), capture.err());
    return capture.err();
  }

  private String python(String says) throws IOException {
    Path script = Files.writeString(folder.resolve("python"), "#!/bin/sh\n" + says + "\n");
    assertTrue(script.toFile().setExecutable(true));
    return script.toString();
  }

  @Test
  void noSuchPython() {
    assertTrue(error("/nowhere/python").startsWith("lethe: --python /nowhere/python: cannot be started; pip install"));
  }

  @Test
  void missingLibrariesAreNamed() throws IOException {
    String error = error(python("echo '{\"versions\": {}, \"missing\": [\"torch (x)\", \"diffusers (y)\"]}'"));
    assertTrue(error.contains(" lacks torch (x), diffusers (y); pip install -r bench/python/requirements.txt"), error);
  }

  @Test
  void aPythonThatFailsIsQuoted() throws IOException {
    String error = error(python("echo 'SyntaxError: old'; exit 1"));
    assertTrue(error.contains(" cannot run bench/python/bench.py: SyntaxError: old; pip install"), error);
  }
}
