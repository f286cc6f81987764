package lethe.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import lethe.tensor.Runtime;

/** Where a table of results comes from: machine, ceilings, commit, versions and command. */
final class BenchedMachine {
  private BenchedMachine() {}

  /** Markdown lines for above the table. The processor, the commit and LibTorch are those of the moment. */
  static String describe(List<JsonNode> results) throws IOException, InterruptedException {
    int threads = (int) median(results, Roofline.THREADS);
    String java = results.isEmpty() ? "?" : results.get(0).path("jdkVersion").asText();
    return String.format(
        Locale.ROOT,
        """
        - machine: %s, %d threads
        - ceilings (median over the benchmarks): %.0f GFLOP/s fp32, %.0f GFLOP/s bf16, %.1f GB/s
        - software: commit %s, Java %s, JavaCPP Presets for PyTorch %s
        - command: `mvn -q -Pbench test-compile exec:exec -Dbench.threads=%d`
        """,
        processor(),
        threads,
        median(results, Roofline.CEILING_GFLOPS_F32),
        median(results, Roofline.CEILING_GFLOPS_BF16),
        median(results, Roofline.CEILING_GBPS),
        commit(),
        java,
        Runtime.libtorchVersion(),
        threads);
  }

  private static double median(List<JsonNode> results, String label) {
    double[] values =
        results.stream()
            .map(result -> result.path("secondaryMetrics").path(label).path("score"))
            .filter(JsonNode::isNumber)
            .mapToDouble(JsonNode::asDouble)
            .sorted()
            .toArray();
    return values.length == 0 ? Double.NaN : values[values.length / 2];
  }

  private static String processor() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown processor");
    }
  }

  private static String commit() throws IOException, InterruptedException {
    Process git =
        new ProcessBuilder("git", "describe", "--always", "--dirty")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return git.waitFor() == 0 ? output : "unknown";
  }
}
