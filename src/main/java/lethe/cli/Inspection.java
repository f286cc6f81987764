package lethe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.checkpoint.ComponentListing;
import lethe.error.UserException;

/**
 * What a checkpoint is made of.
 *
 * @param bytes size on disk of all its files
 * @param missing what a whole checkpoint has and this one lacks
 */
record Inspection(
    Path path, Checkpoint.Format format, long bytes, List<Part> parts, List<String> missing) {

  /**
   * One component.
   *
   * @param type the class that its configuration names, or null where it has none
   * @param settings what else its configuration says that people ask for
   * @param listing its weights; null where it has none or they cannot be read
   * @param problem why it is of no use, in one line; null if it is
   */
  record Part(
      Component component, String type, Map<String, String> settings, ComponentListing listing, String problem) {}

  /** Reads configurations and headers, no weights. Defects of a component are noted with it. */
  static Inspection of(Checkpoint checkpoint) throws IOException {
    List<Part> parts = new ArrayList<>();
    for (Component component : Component.values()) {
      parts.add(part(checkpoint, component));
    }
    return new Inspection(
        checkpoint.path(), checkpoint.format(), bytes(checkpoint.path()), parts, checkpoint.missing());
  }

  /** Parameters of all components. */
  long parameters() {
    return parts.stream().filter(part -> part.listing() != null).mapToLong(part -> part.listing().parameters()).sum();
  }

  boolean isWhole() {
    return missing.isEmpty() && parts.stream().allMatch(part -> part.problem() == null);
  }

  private static Part part(Checkpoint checkpoint, Component component) {
    String type = null;
    Map<String, String> settings = Map.of();
    try {
      ObjectNode config = checkpoint.config(component);
      type = type(config);
      settings = settings(component, config);
      ComponentListing listing = component.hasWeights() ? checkpoint.listing(component) : null;
      return new Part(component, type, settings, listing, null);
    } catch (UserException e) {
      return new Part(component, type, settings, null, e.getMessage());
    }
  }

  /** diffusers names the class itself, transformers in a list of one, its tokenizers under a name of their own. */
  private static String type(ObjectNode config) {
    return Stream.of("/_class_name", "/architectures/0", "/tokenizer_class")
        .map(config::at)
        .filter(JsonNode::isTextual)
        .map(JsonNode::textValue)
        .findFirst()
        .orElse(null);
  }

  private static Map<String, String> settings(Component component, ObjectNode config) {
    List<String> keys = switch (component) {
      case TEXT_ENCODER -> List.of("num_hidden_layers", "hidden_size", "hidden_act");
      case UNET -> List.of("sample_size", "in_channels", "cross_attention_dim");
      case VAE -> List.of("latent_channels", "scaling_factor");
      case SCHEDULER -> List.of("prediction_type", "beta_schedule", "num_train_timesteps");
      case TOKENIZER -> List.of("model_max_length", "pad_token");
    };
    Map<String, String> settings = new LinkedHashMap<>();
    keys.stream().filter(config::hasNonNull).forEach(key -> settings.put(key, shown(config.get(key))));
    return settings;
  }

  /** A special token is a text, or an object with the text in it. */
  private static String shown(JsonNode value) {
    return value.isObject() ? value.path("content").asText() : value.isTextual() ? value.textValue() : value.toString();
  }

  private static long bytes(Path path) throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
