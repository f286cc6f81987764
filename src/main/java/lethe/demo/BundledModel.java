package lethe.demo;

import java.nio.file.Path;
import java.util.List;

/** The model that the demo takes where none is named. */
public final class BundledModel {
  /** Below Lethe's own folder. */
  public static final Path PATH = Path.of("models", "emoji-canvas");

  public static final String CONCEPT = "church";

  /** What else is drawn: two that look like a church, and others that do not. */
  public static final List<String> RETAINED = List.of("castle", "house", "penguin", "dog face", "red apple", "fish");

  private BundledModel() {}

  /** Seen from the working directory where it lies below it, so that the page shows commands that can be pasted. */
  public static Path path() {
    Path path = Path.of(System.getProperty("lethe.home", ".")).resolve(PATH).toAbsolutePath().normalize();
    Path here = Path.of("").toAbsolutePath().normalize();
    return path.startsWith(here) ? here.relativize(path) : path;
  }
}
