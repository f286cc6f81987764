package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterruptTest {
  private static final String STOPPING = "stopping after this step ... (Ctrl-C again stops at once)";

  @TempDir Path folder;

  private JavaProcess start(String manner) throws Exception {
    JavaProcess probe = new JavaProcess(InterruptProbe.class.getName(), manner, folder.toString());
    assertEquals("ready", probe.readLine());
    return probe;
  }

  @Test
  void theFirstSignalLetsTheStepEndAndTheResultBeWritten() throws Exception {
    try (JavaProcess probe = start("polite")) {
      probe.signal("INT");
      assertEquals(STOPPING, probe.readErrorLine());
      assertEquals(130, probe.exitCode());
    }
    assertTrue(Files.exists(folder.resolve("written/weights")));
  }

  @Test
  void theSecondSignalHaltsAndLeavesNothingHalfWritten() throws Exception {
    try (JavaProcess probe = start("deaf")) {
      probe.signal("INT");
      assertEquals(STOPPING, probe.readErrorLine());
      probe.signal("INT");
      assertEquals(130, probe.exitCode());
    }
    assertFalse(Files.exists(folder.resolve("unfinished")));
  }

  @Test
  void terminationHaltsAtOnce() throws Exception {
    try (JavaProcess probe = start("deaf")) {
      probe.signal("TERM");
      assertEquals(143, probe.exitCode());
    }
    assertFalse(Files.exists(folder.resolve("unfinished")));
  }

  /** A JVM that ends itself in the middle of an operation runs LibTorch's destructors under it, and crashes. */
  @Test
  void aHaltInsideOfLibtorchIsNoCrash() throws Exception {
    try (JavaProcess probe = start("computing")) {
      probe.signal("INT");
      Thread.sleep(500);
      probe.signal("INT");
      assertEquals(130, probe.exitCode());
    }
    assertFalse(Files.exists(folder.resolve("unfinished")));
  }

  @Test
  void theJvmsOwnHandlingComesBack() throws Exception {
    try (JavaProcess probe = start("closed")) {
      probe.signal("INT");
      assertEquals(130, probe.exitCode());
      assertNull(probe.readErrorLine());
    }
  }
}
