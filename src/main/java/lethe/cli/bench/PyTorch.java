package lethe.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import lethe.error.UserException;

/**
 * The same work in Python, over torch, transformers and diffusers: {@code bench/python}.
 *
 * @param python the interpreter: a path, or a name on the PATH
 */
public record PyTorch(Path home, String python, int threads) {
  private static final String SCRIPT = "bench/python/bench.py";
  private static final String MEND =
      "pip install -r bench/python/requirements.txt mends that, or --python PATH names another Python";

  /**
   * The versions of Python and of the libraries.
   *
   * @throws UserException that names what is missing
   */
  public String versions() throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    int status;
    try {
      status = call(List.of("--probe"), lines::add);
    } catch (IOException e) {
      throw UserException.failed("--python %s: cannot be started; %s".formatted(python, MEND), e);
    }
    if (status != 0 || lines.isEmpty()) {
      throw UserException.failed("%s cannot run %s: %s; %s".formatted(python, SCRIPT, last(lines), MEND));
    }
    JsonNode answer = new ObjectMapper().readTree(lines.get(lines.size() - 1));
    List<String> missing = new ArrayList<>();
    answer.path("missing").forEach(name -> missing.add(name.asText()));
    if (!missing.isEmpty()) {
      throw UserException.failed("%s lacks %s; %s".formatted(python, String.join(", ", missing), MEND));
    }
    List<String> versions = new ArrayList<>();
    answer.path("versions").properties().forEach(v -> versions.add(v.getKey() + " " + v.getValue().asText()));
    return String.join(", ", versions);
  }

  /**
   * Times what {@code filter} finds, with as many iterations as JMH, and as long, and writes JSON of JMH's form.
   *
   * @param model the checkpoint's folder
   * @param name the value of the benchmarks' parameter {@code model}
   * @param checked whether the golden sets are compared first
   * @return the script's last line: threads and precision
   */
  public String run(
      Path model, String name, String filter, Effort effort, boolean checked, Path results, Consumer<String> output)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(List.of(
        "--model", model.toString(), "--name", name, "--filter", filter, "--threads", String.valueOf(threads),
        "--out", results.toString()));
    options.addAll(effort.python());
    if (checked) {
      for (String set : List.of("sd1-tiny", "sd2-tiny")) {
        options.addAll(List.of("--golden", "src/test/resources/golden/" + set));
      }
    }
    List<String> lines = new ArrayList<>();
    int status = call(options, line -> {
      lines.add(line);
      output.accept(line);
    });
    if (status != 0) {
      throw UserException.failed("the Python side failed: " + last(lines));
    }
    return last(lines);
  }

  private int call(List<String> options, Consumer<String> output) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(python, SCRIPT));
    command.addAll(options);
    Map<String, String> environment = new HashMap<>();
    environment.put("OMP_NUM_THREADS", String.valueOf(threads));
    environment.put("PYTHONWARNINGS", "ignore");
    // What the launcher sets for our LibTorch is not PyTorch's default.
    environment.put("OMP_WAIT_POLICY", null);
    environment.put("OPENBLAS_NUM_THREADS", null);
    environment.put("GLIBC_TUNABLES", null);
    return Child.run(command, home, environment, output);
  }

  private static String last(List<String> lines) {
    return lines.isEmpty() ? "no message" : lines.get(lines.size() - 1);
  }
}
