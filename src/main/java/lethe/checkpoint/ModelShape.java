package lethe.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The models whose sizes are known: their configurations, without weights. Loads no native code.
 *
 * <p>Stable Diffusion 1.4 and 1.5 differ in their weights only.
 */
public enum ModelShape {
  /** One million parameters over images of 128 x 128 pixels: nobody's model, for tests. */
  TINY("tiny"),
  SD_1_4("stable-diffusion-1"),
  SD_1_5("stable-diffusion-1"),
  /** The 768 x 768 model that predicts velocities. */
  SD_2_1("stable-diffusion-2");

  /** As users write them: {@code sd-1.4}. */
  public static final List<String> NAMES = Arrays.stream(values()).map(ModelShape::toString).toList();

  private final ConfigSource configs;

  ModelShape(String folder) {
    this.configs = new ResourceConfigs(folder);
  }

  /** @throws IllegalArgumentException if {@code name} is none of {@link #NAMES} */
  public static ModelShape named(String name) {
    int index = NAMES.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException("no model is called " + name);
    }
    return values()[index];
  }

  /** A component's configuration, as published. The caller may change the object. */
  public ObjectNode config(Component component) {
    return configs.config(component);
  }

  ObjectNode modelIndex() {
    return configs.modelIndex();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replaceFirst("_", "-").replace('_', '.');
  }
}
