package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.Callable;
import lethe.error.UserException;
import org.junit.jupiter.api.Test;

class MainTest {
  private static final Flag<Integer> STEPS = Flag.integer("steps", Range.atLeast(1), "how many steps").orElse(35);

  private final Capture capture = new Capture();

  /** Runs {@code args} with a command {@code demo one} that returns what {@code body} returns, and a {@code paint}. */
  private int run(Callable<Integer> body, String... args) {
    Command command = new Command() {
      @Override
      public Syntax syntax() {
        return new Syntax().operand("PATH", "a file").flags("Options", STEPS).example("./lethe demo one x");
      }

      @Override
      public int run(Arguments arguments, Terminal terminal) throws Exception {
        terminal.print("steps " + arguments.get(STEPS));
        terminal.note("a note");
        return body.call();
      }
    };
    Commands commands = new Commands(List.of(
        new Commands.Entry("demo one", "shows one", () -> command),
        new Commands.Entry("paint", "paints", () -> {
          throw new IllegalStateException("loaded without need");
        })));
    return new Main(commands, capture.terminal(false)).run(args);
  }

  private int run(String... args) {
    return run(() -> 0, args);
  }

  private String errorOf(Throwable error) {
    assertEquals(ExitCode.FAILED, run(() -> sneak(error), "demo", "one", "x"));
    assertEquals(2, capture.err().lines().count(), capture.err());
    return capture.err().lines().skip(1).findFirst().orElseThrow();
  }

  private static int sneak(Throwable error) throws Exception {
    if (error instanceof Error fatal) {
      throw fatal;
    }
    throw (Exception) error;
  }

  @Test
  void runsTheCommandAndReturnsItsExitCode() {
    assertEquals(3, run(() -> 3, "demo", "one", "x", "--steps", "4"));
    assertEquals("steps 4\n", capture.out());
    assertEquals("a note\n", capture.err());
  }

  @Test
  void quietDropsNotes() {
    assertEquals(0, run("demo", "one", "x", "--quiet"));
    assertEquals("", capture.err());
  }

  @Test
  void helpListsCommandsWithoutLoadingThem() {
    assertEquals(0, run("--help"));
    assertTrue(capture.out().contains("  demo one      shows one\n"), capture.out());
    assertEquals("", capture.err());
  }

  @Test
  void helpOfACommandShowsOptionsDefaultsAndTheExample() {
    assertEquals(0, run("help", "demo", "one"));
    String help = capture.out();
    assertTrue(help.startsWith("Usage: lethe demo one PATH [OPTIONS]\n\nshows one\n"), help);
    assertTrue(help.contains("  --steps N  how many steps (default: 35)\n"), help);
    assertTrue(help.endsWith("Example:\n  ./lethe demo one x\n"), help);
    assertEquals(0, run("demo", "one", "--bad", "--help"));
    assertEquals(help + help, capture.out());
  }

  @Test
  void versionComesFromTheBuild() {
    assertEquals(0, run("--version"));
    assertTrue(capture.out().matches("lethe \\d+\\.\\d+\\.\\d+.*\n"), capture.out());
  }

  @Test
  void noCommandIsAUsageError() {
    assertEquals(2, run());
    assertEquals("", capture.out());
    assertTrue(capture.err().startsWith("lethe: no command given\nUsage: "), capture.err());
  }

  @Test
  void unknownCommandsSuggestTheNearest() {
    assertEquals(2, run("piant"));
    assertEquals("lethe: unknown command 'piant'; did you mean paint? (see lethe --help)\n", capture.err());
  }

  @Test
  void aMisspelledFamilyIsSuggestedToo() {
    assertEquals(2, run("dmo", "one"));
    assertEquals("lethe: unknown command 'dmo'; did you mean demo one? (see lethe --help)\n", capture.err());
  }

  @Test
  void aFamilyNeedsItsSecondWord() {
    assertEquals(2, run("demo"));
    assertEquals(2, run("demo", "two"));
    assertEquals("lethe: demo takes one of: one\nlethe: demo takes one of: one, not two\n", capture.err());
  }

  @Test
  void usageErrorsPointToTheHelp() {
    assertEquals(2, run("demo", "one", "x", "--steps", "0"));
    assertEquals(
        "lethe: --steps '0': expected a whole number, at least 1 (see lethe demo one --help)\n", capture.err());
  }

  @Test
  void optionsBeforeTheCommandAreExplained() {
    assertEquals(2, run("--quiet", "paint"));
    assertTrue(capture.err().contains("options stand behind the command"), capture.err());
  }

  @Test
  void userErrorsAreTheirMessage() {
    assertEquals("lethe: x.bin: no", errorOf(UserException.failed("x.bin: no")));
  }

  @Test
  void unexpectedErrorsAreOneLineToo() {
    String line = errorOf(new RuntimeException("expected 4 channels\nException raised from conv at Conv.cpp:3\n#1"));
    assertEquals("lethe: unexpected RuntimeException: expected 4 channels (run again with --debug)", line);
  }

  @Test
  void anErrorWithoutAMessageStillSaysSomething() {
    assertTrue(errorOf(new NullPointerException()).contains("NullPointerException: no message"));
  }

  @Test
  void outOfMemoryIsNamed() {
    assertTrue(errorOf(new OutOfMemoryError("Java heap space")).startsWith("lethe: out of memory: Java heap space"));
  }

  @Test
  void libtorchOutOfMemoryIsNamed() {
    String text = "[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: 8.\n#0";
    assertTrue(errorOf(new RuntimeException(text)).startsWith("lethe: out of memory: [enforce"));
  }

  @Test
  void missingNativeLibrariesPointToTheDoctor() {
    assertTrue(errorOf(new UnsatisfiedLinkError("no jnitorch")).contains("lethe doctor"));
  }

  @Test
  void fileErrorsNameTheFile() {
    assertEquals("lethe: a.png: no such file", errorOf(new NoSuchFileException("a.png")));
  }

  @Test
  void wrappedFileErrorsToo() {
    String line = errorOf(new UncheckedIOException(new IOException("No space left on device")));
    assertEquals("lethe: input or output failed: No space left on device", line);
  }

  @Test
  void debugPrintsTheStackTrace() {
    assertEquals(1, run(() -> sneak(UserException.failed("no")), "demo", "one", "x", "--debug"));
    assertTrue(capture.err().contains("at lethe.cli.MainTest"), capture.err());
    assertFalse(capture.out().contains("at lethe"), capture.out());
  }
}
