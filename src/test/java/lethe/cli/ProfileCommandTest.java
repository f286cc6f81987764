package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordingFile;
import lethe.kernel.Provider;
import lethe.report.profile.TraceFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileCommandTest {
  private static final String MODEL = "src/test/resources/golden/sd1-tiny";

  private final Capture capture = new Capture();

  @TempDir Path folder;

  private int run(String... args) {
    return new Main(Commands.ALL, capture.terminal(false)).run(args);
  }

  private int profile(List<String> options, String... command) {
    return run(
        Stream.of(Stream.of("profile"), options.stream(), Stream.of("--"), Stream.of(command))
            .flatMap(s -> s)
            .toArray(String[]::new));
  }

  private String[] generate(Path out) {
    return new String[] {
      "generate", "--model", MODEL, "--prompt", "a church", "--steps", "2", "--out", out.toString()
    };
  }

  @Test
  void showsWhereTheTimeGoes() {
    assertEquals(ExitCode.OK, profile(List.of(), generate(folder.resolve("x.png"))), capture.err());
    assertEquals(folder.resolve("x.png") + "\n", capture.out());
    for (String row : List.of("load unet", "sampling step", "decode", "unet.mid_block", "conv2d", "linear")) {
      assertTrue(capture.err().lines().anyMatch(line -> line.startsWith(row)), row + " in " + capture.err());
    }
    assertTrue(capture.err().contains("peak memory"), capture.err());
  }

  /** A kernel lies in its module, that in its step, that in its phase; a native call in its kernel. */
  @Test
  void theTraceNests() throws IOException {
    Path trace = folder.resolve("trace.json");
    String[] erase = {
      "erase", "forget-me-not", "--model", MODEL, "--concept", "church", "--no-real-image", "--max-train-steps", "1",
      "--out", folder.resolve("erased").toString()
    };
    assertEquals(ExitCode.OK, profile(List.of("--trace", trace.toString()), erase), capture.err());
    Set<String> within = TraceFormat.check(trace);
    assertTrue(within.containsAll(Set.of("kernel in module", "module in phase", "phase in step")), within.toString());
    if (Provider.choose() == Provider.NATIVE) {
      assertTrue(within.contains("native_call in kernel"), within.toString());
    }
    assertFalse(within.contains("step in kernel"), within.toString());
    assertTrue(capture.err().lines().anyMatch(line -> line.startsWith("backward")), capture.err());
    assertTrue(capture.err().lines().anyMatch(line -> line.startsWith("adamw")), capture.err());
  }

  /** The attack's loop is a native call that calls back into Java. */
  @Test
  void theTraceOfAnAttackNests() throws IOException {
    Path trace = folder.resolve("trace.json");
    Path retain = Files.writeString(folder.resolve("retain.txt"), "a photo of chair\na photo of banana\n");
    String[] erase = {
      "erase", "advunlearn", "--model", MODEL, "--concept", "van gogh", "--retain", retain.toString(), "--iterations",
      "2", "--warmup-iter", "0", "--attack-step", "2", "--retain-batch", "2", "--ddim-steps", "2",
      "--bank-trajectories", "1", "--threads", "1", "--out", folder.resolve("erased").toString()
    };
    assertEquals(ExitCode.OK, profile(List.of("--trace", trace.toString()), erase), capture.err());
    Set<String> within = TraceFormat.check(trace);
    assertTrue(within.containsAll(Set.of("kernel in module", "module in step", "step in phase")), within.toString());
    if (Provider.choose() == Provider.NATIVE) {
      assertTrue(within.containsAll(Set.of("native_call in kernel", "step in native_call")), within.toString());
    }
    assertTrue(capture.err().lines().anyMatch(line -> line.startsWith("adamw")), capture.err());
  }

  @Test
  void theFlightRecordingHoldsTheEvents() throws IOException {
    Path jfr = folder.resolve("run.jfr");
    assertEquals(ExitCode.OK, profile(List.of("--jfr", jfr.toString()), generate(folder.resolve("x.png"))));
    Set<String> types = RecordingFile.readAllEvents(jfr).stream()
        .map(event -> event.getEventType().getName())
        .collect(Collectors.toSet());
    List.of("lethe.Kernel", "lethe.Module", "lethe.Phase", "lethe.Step", "lethe.ModelLoad", "lethe.Memory")
        .forEach(type -> assertTrue(types.contains(type), type + " in " + types));
  }

  /** Nobody asked the library to record: the JVM's own flag is enough. */
  @Test
  void theJvmsOwnFlagRecordsToo() throws Exception {
    Path jfr = folder.resolve("own.jfr");
    String java = ProcessHandle.current().info().command().orElse("java");
    Process process = new ProcessBuilder(
            Stream.concat(
                    Stream.of(
                        java, "-XX:StartFlightRecording:filename=" + jfr, "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                        "-cp", System.getProperty("java.class.path"), "lethe.cli.Main"),
                    Stream.of(generate(folder.resolve("y.png"))))
                .toList())
        .redirectErrorStream(true)
        .start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
    assertTrue(
        RecordingFile.readAllEvents(jfr).stream()
            .anyMatch(event -> event.getEventType().getName().equals("lethe.Kernel") && event.getLong("flops") > 0));
  }

  @Test
  void theExitCodeIsTheCommands() {
    assertEquals(ExitCode.USAGE, profile(List.of(), "generate", "--steps", "x"));
    assertEquals(ExitCode.USAGE, run("profile"));
    assertTrue(capture.err().contains("COMMAND is missing"), capture.err());
  }

  @Test
  void helpBehindTheDashesIsTheCommands() {
    assertEquals(ExitCode.OK, profile(List.of(), "generate", "--help"));
    assertTrue(capture.out().startsWith("Usage: lethe generate"), capture.out());
    assertEquals(ExitCode.OK, run("profile", "--help"));
    assertTrue(capture.out().contains("Usage: lethe profile [OPTIONS] -- COMMAND ..."), capture.out());
  }

  @Test
  void anExistingTraceIsRefusedBeforeTheRun() throws IOException {
    Path trace = Files.createFile(folder.resolve("trace.json"));
    Path image = folder.resolve("x.png");
    assertEquals(ExitCode.FAILED, profile(List.of("--trace", trace.toString()), generate(image)));
    assertFalse(Files.exists(image));
  }

  @Test
  void estimatesWithoutRunning() {
    assertEquals(
        ExitCode.OK, run("profile", "--estimate", "forget-me-not", "--like", "sd-1.4", "--peak-gflops", "230"));
    assertTrue(capture.out().contains("AdamW over all weights"), capture.out());
    assertTrue(capture.out().contains("floor here, s"), capture.out());
    assertEquals(ExitCode.USAGE, run("profile", "--estimate", "advunlearn"));
    assertEquals(ExitCode.USAGE, run("profile", "--estimate", "esd", "--like", "sd-1.4"));
  }
}
