package lethe.checkpoint;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Pairs of module names, canonical and foreign; what lies below a named module keeps its name in both. */
final class ModuleNames {
  private final Map<String, String> toForeign = new HashMap<>();
  private final Map<String, String> toCanonical = new HashMap<>();

  void put(String canonical, String foreign) {
    toForeign.put(canonical, foreign);
    toCanonical.put(foreign, canonical);
  }

  /** The foreign name of a canonical one; empty if no module of these contains it. */
  Optional<String> foreign(String canonical) {
    return rename(canonical, toForeign);
  }

  /** The canonical name of a foreign one; empty if no module of these contains it. */
  Optional<String> canonical(String foreign) {
    return rename(foreign, toCanonical);
  }

  /** The innermost named module decides. */
  private static Optional<String> rename(String name, Map<String, String> modules) {
    for (int end = name.length(); end > 0; end = name.lastIndexOf('.', end - 1)) {
      String renamed = modules.get(name.substring(0, end));
      if (renamed != null) {
        return Optional.of(renamed + name.substring(end));
      }
    }
    return Optional.empty();
  }
}
