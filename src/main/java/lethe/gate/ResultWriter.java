package lethe.gate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lethe.checkpoint.AtomicOutput;

/** Writes JMH's JSON anew, with what JMH does not say; it stays what JMH's own readers read. */
public final class ResultWriter {
  private static final JsonMapper MAPPER = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private ResultWriter() {}

  /**
   * Merges files of JMH: what several files hold of one benchmark becomes its forks, in the order of the files.
   *
   * @param pairing the name of the interleaved run, see {@link ResultFile#pairing}
   * @throws lethe.error.UserException if {@code out} exists or cannot be written
   */
  public static void write(List<Path> files, Surroundings surroundings, Optional<String> pairing, Path out)
      throws IOException {
    Map<String, ObjectNode> merged = new LinkedHashMap<>();
    for (Path file : files) {
      for (JsonNode result : MAPPER.readTree(file.toFile())) {
        String key = result.path("benchmark") + " " + result.path("mode") + " " + result.path("params");
        ObjectNode known = merged.putIfAbsent(key, (ObjectNode) result);
        if (known != null) {
          addForks(known, result);
        }
      }
    }
    ObjectNode extra = MAPPER.createObjectNode();
    extra.set("surroundings", MAPPER.valueToTree(surroundings.facts()));
    pairing.ifPresent(name -> extra.put("pairing", name));
    ArrayNode all = MAPPER.createArrayNode();
    merged.values().forEach(result -> all.add(result.set(JmhReader.EXTRA, extra)));
    String text = MAPPER.writeValueAsString(all) + "\n";
    AtomicOutput.file(out, channel -> channel.write(StandardCharsets.UTF_8.encode(text)));
  }

  /** The statistics of the first fork alone no longer hold; as JMH does where it has none, they become NaN. */
  private static void addForks(ObjectNode known, JsonNode result) {
    known.put("forks", known.path("forks").asInt() + result.path("forks").asInt());
    ObjectNode metric = (ObjectNode) known.path("primaryMetric");
    ArrayNode raw = (ArrayNode) metric.path("rawData");
    result.path("primaryMetric").path("rawData").forEach(raw::add);
    double sum = 0;
    int count = 0;
    for (JsonNode fork : raw) {
      for (JsonNode score : fork) {
        sum += score.asDouble();
        count++;
      }
    }
    metric.put("score", sum / count);
    metric.put("scoreError", "NaN");
    metric.putArray("scoreConfidence").add("NaN").add("NaN");
    metric.remove("scorePercentiles");
  }
}
