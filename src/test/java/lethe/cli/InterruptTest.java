package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterruptTest {
  private static final String STOPPING = "stopping after this step ... (Ctrl-C again stops at once)";

  @TempDir Path folder;

  private JavaProcess start(String manner) throws Exception {
    JavaProcess probe = new JavaProcess(InterruptProbe.class.getName(), manner, folder.resolve("out").toString());
    assertEquals("ready", probe.readLine());
    return probe;
  }

  private List<String> written() throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).map(file -> folder.relativize(file).toString()).toList();
    }
  }

  @Test
  void theFirstSignalLetsTheStepEndAndTheResultBeWritten() throws Exception {
    try (JavaProcess probe = start("polite")) {
      probe.signal("INT");
      assertEquals(STOPPING, probe.readErrorLine());
      assertEquals(130, probe.exitCode());
    }
    assertEquals(List.of("out/weights"), written());
  }

  @Test
  void theSecondSignalHaltsAndLeavesNothingHalfWritten() throws Exception {
    try (JavaProcess probe = start("deaf")) {
      probe.signal("INT");
      assertEquals(STOPPING, probe.readErrorLine());
      probe.signal("INT");
      assertEquals(130, probe.exitCode());
    }
    assertEquals(List.of(), written());
  }

  /** A JVM that ends itself in the middle of an operation runs LibTorch's destructors under it, and crashes. */
  @Test
  void aHaltInsideOfLibtorchIsNoCrash() throws Exception {
    try (JavaProcess probe = start("computing")) {
      probe.signal("INT");
      assertEquals(STOPPING, probe.readErrorLine());
      Thread.sleep(200);
      probe.signal("INT");
      assertEquals(130, probe.exitCode());
    }
    assertEquals(List.of(), written());
  }

  @Test
  void terminationHaltsAtOnce() throws Exception {
    try (JavaProcess probe = start("deaf")) {
      probe.signal("TERM");
      assertEquals(143, probe.exitCode());
    }
    assertEquals(List.of(), written());
  }

  @Test
  void commandsThatTakeNoInterruptEndAtOnce() throws Exception {
    try (JavaProcess probe = start("plain")) {
      probe.signal("INT");
      assertEquals(130, probe.exitCode());
      assertNull(probe.readErrorLine());
    }
    assertEquals(List.of(), written());
  }
}
