package lethe.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Where a table of results comes from, as {@code ./lethe bench} recorded it in each of them. */
final class BenchedMachine {
  private BenchedMachine() {}

  /**
   * Markdown lines for above the table. Where results come from several runs, all of their values are listed.
   *
   * @throws IllegalArgumentException if a result does not say where it comes from
   */
  static String describe(List<JsonNode> results) {
    return String.format(
        Locale.ROOT,
        """
        - machine: %s, %s threads, %s
        - ceilings (median over the benchmarks): %.0f GFLOP/s fp32, %.0f GFLOP/s bf16, %.1f GB/s
        - software: commit %s, Java %s, JavaCPP Presets for PyTorch %s
        - OPENBLAS_NUM_THREADS: %s
        """,
        fact(results, "cpu"),
        fact(results, "threads"),
        fact(results, "isa"),
        median(results, Roofline.CEILING_GFLOPS_F32),
        median(results, Roofline.CEILING_GFLOPS_BF16),
        median(results, Roofline.CEILING_GBPS),
        distinct(results.stream().map(BenchedMachine::commit).toList()),
        distinct(results.stream().map(result -> result.path("jdkVersion").asText()).toList()),
        fact(results, "libtorch"),
        fact(results, "OPENBLAS_NUM_THREADS"));
  }

  /** {@code 72ed2ee of 2026-11-23}, and whether files differed from it. */
  private static String commit(JsonNode result) {
    return fact(result, "commit").substring(0, 7)
        + (fact(result, "dirty").equals("true") ? " with changes" : "")
        + " of "
        + fact(result, "time").substring(0, "2026-11-23".length());
  }

  private static String fact(List<JsonNode> results, String name) {
    return distinct(results.stream().map(result -> fact(result, name)).toList());
  }

  private static String fact(JsonNode result, String name) {
    JsonNode value = result.path("lethe").path("surroundings").path(name);
    if (!value.isTextual()) {
      throw new IllegalArgumentException(
          result.path("benchmark").asText() + " does not say its '" + name + "': make results by ./lethe bench --out");
    }
    return value.asText();
  }

  private static String distinct(List<String> values) {
    return values.stream().distinct().collect(Collectors.joining(" and "));
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
}
