package lethe.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import lethe.error.UserException;

/** The names of one component in a CompVis single file, which begin with a prefix of the component's own. */
abstract class CompVisKeys implements KeyMap {
  private final Component component;
  private final String prefix;
  private final ModuleNames modules = new ModuleNames();

  CompVisKeys(Component component, String prefix) {
    this.component = component;
    this.prefix = prefix;
  }

  /** The names a conversion to a single file gives to a component. */
  static CompVisKeys of(Component component, JsonNode config) {
    return switch (component) {
      case UNET -> new CompVisUNetKeys(config);
      case VAE -> new CompVisVaeKeys(config);
      // SD 2.x files keep OpenCLIP's own layout, and OpenCLIP is the one with the exact GELU.
      case TEXT_ENCODER -> config.path("hidden_act").asText().equals("gelu")
          ? new OpenClipKeys(config)
          : new CompVisClipKeys();
      case SCHEDULER, TOKENIZER -> throw new IllegalArgumentException("the " + component.folder() + " has no weights");
    };
  }

  /** What every name of the component begins with. */
  final String prefix() {
    return prefix;
  }

  @Override
  public final Map<String, Layout> canonical(String key, long[] shape) {
    return canonicalBelowPrefix(key.substring(prefix.length()), shape);
  }

  @Override
  public final StoredName stored(String canonicalName, long[] shape) {
    StoredName below = storedBelowPrefix(canonicalName, shape);
    return new StoredName(prefix + below.key(), below.layout());
  }

  /** As {@link #canonical}, of a name without the prefix. */
  Map<String, Layout> canonicalBelowPrefix(String foreign, long[] shape) {
    return Map.of(modules.canonical(foreign).orElse(prefix + foreign), Layout.SAME);
  }

  /** As {@link #stored}, giving a name without the prefix. */
  StoredName storedBelowPrefix(String canonicalName, long[] shape) {
    String foreign =
        modules
            .foreign(canonicalName)
            .orElseThrow(
                () ->
                    UserException.failed(
                        "weight %s of the %s has no name in a single file; save the checkpoint as a diffusers folder"
                            .formatted(Messages.quoted(canonicalName), component.folder())));
    return new StoredName(foreign, Layout.SAME);
  }

  /** Says that a module, and all below it, is called {@code foreign} in the file. */
  final void module(String canonical, String foreign) {
    modules.put(canonical, foreign);
  }
}
