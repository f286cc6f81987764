package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import lethe.tensor.CudaRequirements;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every command that loads a model takes {@code --device}, and refuses a GPU that it cannot use. */
class DeviceFlagTest {
  private static final String MODEL = "src/test/resources/golden/sd1-tiny";
  private static final String REFERENCES = "models/emoji-canvas/reference";

  private final Capture capture = new Capture();

  @TempDir Path folder;

  static Stream<String> commandsWithAModel() {
    return Commands.ALL.entries().stream()
        .filter(entry -> entry.factory().get().syntax().flags().contains(ModelFlags.MODEL))
        .map(Commands.Entry::name);
  }

  private int run(String command, List<String> options) {
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    words.addAll(options);
    return new Main(Commands.ALL, capture.terminal(false)).run(words.toArray(String[]::new));
  }

  /** What {@code command} needs to get as far as its model. */
  private List<String> complete(String command, String device) throws IOException {
    List<String> options = new ArrayList<>(List.of("--model", MODEL, "--device", device));
    if (command.startsWith("attack ")) {
      Path prompts = Files.writeString(folder.resolve("prompts.txt"), "a photo of a church\n");
      options.addAll(List.of("--concept", "church", "--prompts", prompts.toString(), "--references", REFERENCES));
      options.addAll(command.equals("attack random") ? List.of() : List.of("--original", MODEL));
      return options;
    }
    options.addAll(List.of("--out", folder.resolve("out").toString()));
    options.addAll(
        switch (command) {
          case "generate" -> List.of("--prompt", "a church");
          case "erase forget-me-not" -> List.of("--concept", "church", "--no-real-image");
          case "erase advunlearn" -> List.of("--concept", "church");
          case "evaluate" -> List.of("--judge", "models/emoji-judge");
          default -> throw new AssertionError("say what " + command + " needs");
        });
    return options;
  }

  @Test
  void allEightLoadAModel() {
    assertEquals(8, commandsWithAModel().count());
  }

  @ParameterizedTest
  @MethodSource("commandsWithAModel")
  void helpListsIt(String command) {
    assertEquals(ExitCode.OK, run(command, List.of("--help")));
    assertTrue(capture.out().contains("--device cpu|cuda[:n]"), capture.out());
  }

  /** No machine has a hundred GPUs. */
  @ParameterizedTest
  @MethodSource("commandsWithAModel")
  void aGpuThatIsNotThereEndsItInOneLineThatSaysWhatIsMissing(String command) throws IOException {
    assertEquals(ExitCode.FAILED, run(command, complete(command, "cuda:99")), capture.err());
    String message = capture.err();
    assertEquals(1, message.lines().count(), message);
    assertTrue(message.startsWith("lethe: --device cuda:99"), message);
    CudaRequirements.ofThisMachine().missing().forEach(each -> assertTrue(message.contains(each), each));
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @ParameterizedTest
  @MethodSource("commandsWithAModel")
  void otherNamesAreUsageErrors(String command) throws IOException {
    assertEquals(ExitCode.USAGE, run(command, complete(command, "gpu")));
    assertTrue(capture.err().contains("cpu or cuda[:n]"), capture.err());
  }
}
