package lethe.model.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lethe.error.UserException;

/**
 * A {@code scheduler_config.json} of the diffusers layout: the class it names and the settings it writes out.
 *
 * <p>Another class can be made from it, with all that is written carried over but for one rule: a {@code
 * timestep_spacing} that is its own class's default counts as unset, so that the other class's default applies. Folders
 * published before diffusers had that setting do not write it, copies saved since do, and both must sample alike;
 * diffusers itself remembers which settings were given. PNDM's {@code "leading"} thus does not keep Euler from its
 * {@code "linspace"}.
 */
public final class SchedulerConfig {
  static final String FILE = "scheduler_config.json";

  private final SchedulerClass type;
  private final Map<String, JsonNode> written;

  private SchedulerConfig(SchedulerClass type, Map<String, JsonNode> written) {
    this.type = type;
    this.written = Collections.unmodifiableMap(written);
  }

  /**
   * Reads a config. Its reader must accept {@code -Infinity}, which diffusers writes for {@code lambda_min_clipped}.
   *
   * @throws UserException if the class is not supported, a setting belongs to no diffusers scheduler, or dynamic
   *     thresholding (a pixel-space method) is asked for
   */
  public static SchedulerConfig of(JsonNode json) {
    if (!json.isObject()) {
      throw UserException.failed(FILE + ": expected a JSON object with a _class_name");
    }
    SchedulerClass type = classOf(json.path("_class_name"));
    Map<String, JsonNode> written = new LinkedHashMap<>();
    json.properties().forEach(
        setting -> {
          String key = setting.getKey();
          JsonNode value = setting.getValue();
          if (key.startsWith("_") || value.isNull()) {
            return;
          }
          if (!DiffusersSettings.NAMES.contains(key) && !(value.isBoolean() && !value.booleanValue())) {
            throw UserException.failed(
                FILE + ": unknown setting \"" + key + "\"; remove it if the model does not depend on it");
          }
          written.put(key, value);
        });
    JsonNode thresholding = written.get("thresholding");
    if (thresholding != null && thresholding.asBoolean()) {
      throw UserException.failed(
          FILE + ": \"thresholding\": true is not supported, it is made for pixels, not latents; set it to false");
    }
    return new SchedulerConfig(type, written);
  }

  private static SchedulerClass classOf(JsonNode name) {
    String supported =
        Stream.of(SchedulerClass.values()).map(SchedulerClass::className).collect(Collectors.joining(", "));
    return SchedulerClass.ofClassName(name.asText())
        .orElseThrow(
            () ->
                UserException.failed(
                    FILE + ": _class_name " + (name.isMissingNode() ? "is missing" : name + " is not supported")
                        + "; name one of " + supported));
  }

  /** Short name of the class that the config names, one of {@link Schedulers#NAMES}. */
  public String name() {
    return type.shortName();
  }

  /** The settings as the config's own class reads them. */
  SchedulerSettings settings() {
    return settings(type);
  }

  /** The settings as {@code target} reads them. */
  SchedulerSettings settings(SchedulerClass target) {
    if (target == type) {
      return new SchedulerSettings(target, written);
    }
    Map<String, JsonNode> carried = new LinkedHashMap<>(written);
    carried.computeIfPresent(
        TimestepSpacing.KEY,
        (key, spacing) -> spacing.asText().equals(type.defaults().get(key)) ? null : spacing);
    return new SchedulerSettings(target, carried);
  }
}
