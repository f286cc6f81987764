package lethe.model.classifier;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import lethe.error.UserException;
import lethe.model.layer.ConfigReader;

/**
 * {@code config.json} of a {@link ConceptClassifier}.
 *
 * @param sampleSize side of the pictures it was trained on, in pixels
 * @param blockOutChannels channels of each level; every level halves the side
 * @param normNumGroups of its group normalisations
 * @param concepts names of the concepts, in the order of the classes
 * @param phrases of the same concepts as prompts name them, with their article: {@code a church}
 * @param styles names of the styles, in the order of the classes
 * @param datasetSha256 what it was trained on
 */
public record ClassifierConfig(
    int sampleSize,
    int[] blockOutChannels,
    int normNumGroups,
    List<String> concepts,
    List<String> phrases,
    List<String> styles,
    String datasetSha256) {
  static final String FILE = "config.json";

  private static final String CLASS_NAME = "ConceptClassifier";

  public ClassifierConfig {
    if (concepts.size() != phrases.size()) {
      throw new IllegalArgumentException(concepts.size() + " concepts, " + phrases.size() + " phrases");
    }
    concepts = List.copyOf(concepts);
    phrases = List.copyOf(phrases);
    styles = List.copyOf(styles);
  }

  /** The number of the class that stands for a picture of none of the concepts: it follows them. */
  public int noConcept() {
    return concepts.size();
  }

  /**
   * @param where what messages call the file
   * @throws UserException if a setting is missing, malformed or unknown
   */
  static ClassifierConfig of(String where, JsonNode json) {
    ConfigReader reader = new ConfigReader(where, json);
    reader.only("_class_name", CLASS_NAME);
    int[] channels = reader.integers("block_out_channels");
    int groups = reader.integer("norm_num_groups");
    List<String> concepts = distinct(reader, json, "concepts");
    List<String> phrases = List.of(reader.texts("phrases"));
    if (phrases.size() != concepts.size()) {
      throw reader.invalid("phrases", json.get("phrases"), "one for each of the " + concepts.size() + " concepts");
    }
    ClassifierConfig config =
        new ClassifierConfig(
            reader.integer("sample_size"),
            channels,
            groups,
            concepts,
            phrases,
            distinct(reader, json, "styles"),
            reader.text("dataset_sha256", ""));
    reader.finish();
    for (int width : channels) {
      if (groups < 1 || width < 1 || width % groups != 0) {
        throw reader.invalid(
            "block_out_channels", json.get("block_out_channels"), "multiples of norm_num_groups " + groups);
      }
    }
    if (config.sampleSize < 1 << channels.length || channels.length > Integer.SIZE - 2) {
      throw reader.invalid(
          "sample_size", json.get("sample_size"), "at least 2 pixels to the power of " + channels.length + " levels");
    }
    return config;
  }

  private static List<String> distinct(ConfigReader reader, JsonNode json, String key) {
    List<String> names = List.of(reader.texts(key));
    if (new HashSet<>(names).size() != names.size()) {
      throw reader.invalid(key, json.get(key), "names that differ");
    }
    return names;
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("_class_name", CLASS_NAME).put("sample_size", sampleSize);
    List<Integer> channels = new ArrayList<>();
    for (int width : blockOutChannels) {
      channels.add(width);
    }
    channels.forEach(json.putArray("block_out_channels")::add);
    json.put("norm_num_groups", normNumGroups);
    concepts.forEach(json.putArray("concepts")::add);
    phrases.forEach(json.putArray("phrases")::add);
    styles.forEach(json.putArray("styles")::add);
    return json.put("dataset_sha256", datasetSha256);
  }
}
