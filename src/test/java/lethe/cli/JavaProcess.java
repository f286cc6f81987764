package lethe.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Java program in a process of its own, with this test's class path. */
final class JavaProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  private final BufferedReader out;
  private final BufferedReader err;

  JavaProcess(String... javaArguments) throws IOException {
    // A parent that ignores SIGINT (a background job) would hand that down.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(javaArguments));
    process = new ProcessBuilder(command).start();
    out = process.inputReader();
    err = process.errorReader();
  }

  /** The next line on stdout; null at its end. */
  String readLine() throws IOException {
    return out.readLine();
  }

  /** The next line on stderr; null at its end. */
  String readErrorLine() throws IOException {
    return err.readLine();
  }

  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start().waitFor();
  }

  int exitCode() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("still running after " + PATIENCE_SECONDS + " s");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      out.close();
      err.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
