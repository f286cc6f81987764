package lethe.cli.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Processes that the benchmarks need: git, Maven, JMH's JVMs. */
final class Child {
  private Child() {}

  /**
   * Runs a command to its end.
   *
   * @param environment variables to set, or to unset where the value is null
   * @param output told each line of stdout and stderr
   * @return its exit status
   */
  static int run(List<String> command, Path folder, Map<String, String> environment, Consumer<String> output)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    environment.forEach((name, value) -> {
      if (value == null) {
        builder.environment().remove(name);
      } else {
        builder.environment().put(name, value);
      }
    });
    Process process = builder.start();
    process.getOutputStream().close();
    // A user who ends this process does not mean the benchmark to go on.
    Thread killer = new Thread(() -> process.descendants().forEach(ProcessHandle::destroy));
    Runtime.getRuntime().addShutdownHook(killer);
    try (BufferedReader reader = process.inputReader()) {
      reader.lines().forEach(output);
    }
    int status = process.waitFor();
    Runtime.getRuntime().removeShutdownHook(killer);
    return status;
  }
}
