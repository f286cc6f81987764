package lethe.gate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import lethe.error.UserException;

/** Reads the JSON that JMH writes with {@code -rf json}: an array with one object for each benchmark. */
final class JmhReader {
  /** The field in each object that holds what {@code lethe bench} adds. JMH's own readers pass over it. */
  static final String EXTRA = "lethe";

  private static final JsonMapper MAPPER = new JsonMapper();

  private final Path file;

  JmhReader(Path file) {
    this.file = file;
  }

  ResultFile read() {
    JsonNode root = parse();
    if (!root.isArray()) {
      throw wrong("is not a JSON array");
    }
    if (root.isEmpty()) {
      throw UserException.failed(file + ": holds no results; run the benchmarks again with a --filter that finds some");
    }
    SortedMap<BenchmarkKey, Measurement> measurements = new TreeMap<>();
    for (JsonNode result : root) {
      Measurement measurement = measurement(result);
      if (measurements.put(measurement.key(), measurement) != null) {
        throw wrong("has %s twice".formatted(measurement.key()));
      }
    }
    JsonNode first = root.get(0);
    Optional<String> pairing = Optional.ofNullable(first.path(EXTRA).path("pairing").textValue());
    return new ResultFile(file, measurements, surroundings(first), pairing);
  }

  private JsonNode parse() {
    try {
      return MAPPER.readTree(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw UserException.failed(file + ": no such file; lethe bench --out FILE.json writes one", e);
    } catch (JsonProcessingException e) {
      throw wrong("is not JSON, line " + e.getLocation().getLineNr());
    } catch (IOException e) {
      throw UserException.failed("%s: cannot be read (%s)".formatted(file, e.getMessage()), e);
    }
  }

  private Measurement measurement(JsonNode result) {
    SortedMap<String, String> params = new TreeMap<>();
    result.path("params").properties().forEach(param -> params.put(param.getKey(), param.getValue().asText()));
    BenchmarkKey key = new BenchmarkKey(text(result, "benchmark"), text(result, "mode"), params);
    JsonNode metric = result.path("primaryMetric");
    Unit unit = unit(key, metric);
    List<double[]> forks = new ArrayList<>();
    boolean sampled = metric.path("rawData").isMissingNode();
    for (JsonNode fork : metric.path(sampled ? "rawDataHistogram" : "rawData")) {
      double[] iterations = new double[fork.size()];
      for (int i = 0; i < iterations.length; i++) {
        iterations[i] = logSeconds(key, unit, sampled ? mean(fork.get(i)) : fork.get(i).asDouble(Double.NaN));
      }
      if (iterations.length > 0) {
        forks.add(iterations);
      }
    }
    if (forks.isEmpty()) {
      throw wrong("has no raw data for " + key);
    }
    return new Measurement(key, unit, result.path("threads").asInt(1), forks);
  }

  private Unit unit(BenchmarkKey key, JsonNode metric) {
    try {
      return Unit.parse(text(metric, "scoreUnit"));
    } catch (IllegalArgumentException e) {
      throw wrong("has an %s for %s".formatted(e.getMessage(), key));
    }
  }

  /** The mean of a histogram, which lists pairs of a value and how often it came. */
  private static double mean(JsonNode histogram) {
    double sum = 0;
    double count = 0;
    for (JsonNode bin : histogram) {
      sum += bin.path(0).asDouble() * bin.path(1).asDouble();
      count += bin.path(1).asDouble();
    }
    return sum / count;
  }

  private double logSeconds(BenchmarkKey key, Unit unit, double score) {
    if (!(score > 0) || Double.isInfinite(score)) {
      throw wrong("has a score of %s for %s".formatted(score, key));
    }
    return unit.logSeconds(score);
  }

  /** What {@code lethe bench} wrote; where it did not write the file, the little that JMH says. */
  private static Surroundings surroundings(JsonNode result) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("jvm", result.path("vmName").asText() + " " + result.path("vmVersion").asText());
    List<String> flags = new ArrayList<>();
    result.path("jvmArgs").forEach(flag -> flags.add(flag.asText()));
    facts.put("jvm_flags", String.join(" ", flags));
    result.path(EXTRA).path("surroundings").properties()
        .forEach(fact -> facts.put(fact.getKey(), fact.getValue().asText()));
    return new Surroundings(facts);
  }

  private String text(JsonNode node, String field) {
    String text = node.path(field).asText();
    if (text.isEmpty()) {
      throw wrong("has a result without " + field);
    }
    return text;
  }

  private UserException wrong(String what) {
    return UserException.failed("%s: %s; expected the JSON that lethe bench --out or JMH's -rf json writes"
        .formatted(file, what));
  }
}
