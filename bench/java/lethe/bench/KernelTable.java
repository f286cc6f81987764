package lethe.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Writes the table of docs/kernels.md from the JSON of one or several runs of {@code ./lethe bench --out}.
 *
 * <pre>mvn -q -Pbench test-compile exec:exec@kernel-table -Dbench.result=target/kernels/all.json</pre>
 *
 * <p>It expects of a benchmark what bench/README.md asks for: a parameter {@code provider} with the values {@code native},
 * {@code composed} and, where LibTorch has one operation for the task, {@code preset}; the element type, if not float32,
 * in {@code dtype}; {@link Roofline}'s secondary results.
 */
public final class KernelTable {
  private static final String BEGIN = "<!-- begin: KernelTable -->";
  private static final String END = "<!-- end: KernelTable -->";
  private static final List<String> MEASURED_COLUMNS =
      List.of("ours", "composed", "preset", "composed / ours", "GFLOP/s", "GB/s", "of ceiling");

  /** A line of the table: one task, and its results by provider. */
  private record Task(String kernel, String shape, String type) {}

  private KernelTable() {}

  /** Replaces what stands between the document's markers; the results are a file or a folder of them. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      throw new IllegalArgumentException("usage: KernelTable DOCUMENT RESULTS");
    }
    List<JsonNode> results = new ArrayList<>();
    for (Path file : files(Path.of(arguments[1]))) {
      new ObjectMapper().readTree(file.toFile()).forEach(results::add);
    }
    Path document = Path.of(arguments[0]);
    String text = Files.readString(document);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalArgumentException(document + " lacks the lines " + BEGIN + " and " + END);
    }
    Files.writeString(
        document, text.substring(0, begin + BEGIN.length()) + "\n" + markdown(results) + text.substring(end));
  }

  private static List<Path> files(Path results) throws IOException {
    if (!Files.isDirectory(results)) {
      return List.of(results);
    }
    try (Stream<Path> files = Files.list(results)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  private static String markdown(List<JsonNode> results) {
    Map<Task, Map<String, JsonNode>> tasks = new LinkedHashMap<>();
    for (JsonNode result : results) {
      JsonNode params = result.path("params");
      Task task = new Task(kernel(result), shape(params), params.path("dtype").asText("fp32"));
      tasks.computeIfAbsent(task, t -> new LinkedHashMap<>()).put(params.path("provider").asText(), result);
    }
    StringBuilder table = new StringBuilder();
    table.append(BenchedMachine.describe(results)).append("\n");
    table.append("| kernel | shape | dtype | ").append(String.join(" | ", MEASURED_COLUMNS)).append(" |\n");
    table.append("|---|---|---|").append("--:|".repeat(MEASURED_COLUMNS.size())).append("\n");
    tasks.forEach((task, byProvider) -> table.append(line(task, byProvider)));
    return table.toString();
  }

  private static String line(Task task, Map<String, JsonNode> byProvider) {
    JsonNode ours = byProvider.get("native");
    JsonNode composed = byProvider.get("composed");
    String ratio =
        ours == null || composed == null
            ? "–"
            : String.format(Locale.ROOT, "%.2f", milliseconds(composed) / milliseconds(ours));
    return "| "
        + String.join(
            " | ",
            task.kernel,
            task.shape,
            task.type,
            time(ours),
            time(composed),
            time(byProvider.get("preset")),
            ratio,
            secondary(ours, Roofline.GFLOPS, "%.0f"),
            secondary(ours, Roofline.GBPS, "%.1f"),
            secondary(ours, Roofline.FRACTION, "%.2f"))
        + " |\n";
  }

  /** {@code AttentionScores forwardBackward} of {@code lethe.bench.AttentionScoresBenchmark.forwardBackward}. */
  private static String kernel(JsonNode result) {
    String[] names = result.path("benchmark").asText().split("\\.");
    return names[names.length - 2].replaceFirst("Benchmark$", "") + " " + names[names.length - 1];
  }

  private static String shape(JsonNode params) {
    List<String> values = new ArrayList<>();
    params
        .properties()
        .forEach(
            param -> {
              if (!param.getKey().equals("provider") && !param.getKey().equals("dtype")) {
                values.add(param.getValue().asText());
              }
            });
    return String.join(", ", values);
  }

  private static String time(JsonNode result) {
    return result == null ? "–" : String.format(Locale.ROOT, "%.3f ms", milliseconds(result));
  }

  private static double milliseconds(JsonNode result) {
    JsonNode metric = result.path("primaryMetric");
    double unit =
        switch (metric.path("scoreUnit").asText()) {
          case "ns/op" -> TimeUnit.MILLISECONDS.toNanos(1);
          case "us/op" -> TimeUnit.MILLISECONDS.toMicros(1);
          case "ms/op" -> 1;
          case "s/op" -> 1e-3;
          default -> throw new IllegalArgumentException("not a time per call: " + metric.path("scoreUnit"));
        };
    return metric.path("score").asDouble() / unit;
  }

  private static String secondary(JsonNode result, String label, String format) {
    double value = result == null ? 0 : result.path("secondaryMetrics").path(label).path("score").asDouble();
    return value == 0 ? "–" : String.format(Locale.ROOT, format, value);
  }
}
