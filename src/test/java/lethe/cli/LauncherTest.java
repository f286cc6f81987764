package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code ./lethe} itself; Maven has compiled what it needs by the time of the tests. */
class LauncherTest {
  private static final Path LAUNCHER = Path.of("lethe").toAbsolutePath();

  private record Result(int exitCode, String out, String err) {}

  @TempDir Path folder;

  private Result launch(Path launcher, Map<String, String> environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(Arrays.asList(arguments));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().remove("LETHE_JAVA_OPTS");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still running");
    return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private Result launch(String... arguments) throws Exception {
    return launch(LAUNCHER, Map.of(), arguments);
  }

  /** A folder that stands for a JDK of the given version, with a {@code java} that must not be run. */
  private Path fakeJdk(String version) throws IOException {
    Path home = Files.createDirectories(folder.resolve("jdk"));
    Path java = Files.writeString(Files.createDirectory(home.resolve("bin")).resolve("java"), "#!/bin/false\n");
    assertTrue(java.toFile().setExecutable(true));
    Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  @Test
  void worksThroughASymlinkFromAnotherFolder() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("shortcut"), LAUNCHER);
    Result result = launch(link, Map.of(), "--version");
    Files.delete(link);
    assertEquals("lethe " + Version.get() + "\n", result.out());
    assertEquals(0, result.exitCode());
  }

  @Test
  void passesArgumentsAndTheExitCodeOn() throws Exception {
    Result result = launch("no such", "command");
    assertEquals("lethe: unknown command 'no such' (see lethe --help)\n", result.err());
    assertEquals(2, result.exitCode());
  }

  @Test
  void argumentsAreUtf8InAnyLocale() throws Exception {
    Path script = folder.resolve("script");
    Files.writeString(script, "LC_ALL=C exec \"$0\" 'gâteau'\n", StandardCharsets.UTF_8);
    Process process =
        new ProcessBuilder("bash", "-c", "source " + script, LAUNCHER.toString()).start();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals("lethe: unknown command 'gâteau' (see lethe --help)\n", err);
  }

  /** The overview and every command's help. */
  @TestFactory
  Stream<DynamicTest> helpLoadsNoNativeCode() {
    Stream<String> commands = Commands.ALL.entries().stream().map(entry -> entry.name() + " --help");
    return Stream.concat(Stream.of("--help"), commands).map(line -> DynamicTest.dynamicTest(line, () -> {
      Path log = folder.resolve("classes.log");
      Map<String, String> environment = Map.of("LETHE_JAVA_OPTS", "-Xlog:class+load:file=" + log);
      Result result = launch(LAUNCHER, environment, line.split(" "));
      assertEquals(0, result.exitCode(), result.err());
      assertTrue(result.out().startsWith("Usage: lethe "), result.out());
      List<String> loaded = Files.readAllLines(log);
      assertTrue(loaded.stream().anyMatch(text -> text.contains("lethe.cli.Main")), "no log of loaded classes");
      assertEquals(List.of(), loaded.stream().filter(text -> text.contains("org.bytedeco")).toList());
    }));
  }

  /** In processor time, which a busy machine does not stretch; on an idle one it is more than the wall time. */
  @Test
  void helpAnswersWithin300Milliseconds() throws Exception {
    String script = "TIMEFORMAT='%3U %3S'; time for i in 1 2 3; do \"$0\" --help > /dev/null; done";
    Process process = new ProcessBuilder("bash", "-c", script, LAUNCHER.toString()).start();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    double seconds = Stream.of(err.split(" ")).mapToDouble(Double::parseDouble).sum() / 3;
    assertTrue(seconds < 0.3, seconds + " s");
  }

  @Test
  void anOldJavaIsRefused() throws Exception {
    Result result = launch(LAUNCHER, Map.of("JAVA_HOME", fakeJdk("11.0.2").toString()), "--help");
    assertEquals(1, result.exitCode());
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().contains("is Java 11: install a JDK 17 or newer"), result.err());
  }

  @Test
  void java8WritesItsVersionAnotherWay() throws Exception {
    Result result = launch(LAUNCHER, Map.of("JAVA_HOME", fakeJdk("1.8.0_392").toString()), "--help");
    assertTrue(result.err().contains("is Java 8: install"), result.err());
  }

  @Test
  void aJavaHomeWithoutJavaIsNamed() throws Exception {
    Result result = launch(LAUNCHER, Map.of("JAVA_HOME", "/nowhere"), "--help");
    assertEquals(1, result.exitCode());
    assertTrue(result.err().startsWith("lethe: JAVA_HOME is /nowhere, which has no bin/java"), result.err());
    assertFalse(result.err().strip().contains("\n"), result.err());
  }

  @Test
  void aMachineWithoutJavaIsToldWhatToInstall() throws Exception {
    Path tools = Files.createDirectory(folder.resolve("tools"));
    for (String tool : List.of("bash", "dirname", "readlink")) {
      Path real = Stream.of("/usr/bin", "/bin").map(bin -> Path.of(bin, tool)).filter(Files::exists).findFirst().get();
      String script = "#!/bin/sh\nexec " + real + " \"$@\"\n";
      assertTrue(Files.writeString(tools.resolve(tool), script).toFile().setExecutable(true));
    }
    Result result = launch(LAUNCHER, Map.of("JAVA_HOME", "", "PATH", tools.toString()), "--help");
    assertEquals(1, result.exitCode());
    assertTrue(result.err().startsWith("lethe: no java found: install a JDK 17"), result.err());
  }
}
