package lethe.evaluate;

import java.nio.file.Path;

/** What lies in Lethe's own folder {@code models}, and is taken where nothing is named. */
public final class Bundled {
  private static final Path MODELS = Path.of("models");

  private Bundled() {}

  /** A diffusers folder with reference pictures. */
  public static Path model() {
    return path("emoji-canvas");
  }

  /** Of what {@link #model} draws; for {@link ClassifierJudge#load}. */
  public static Path judge() {
    return path("emoji-judge");
  }

  /** For {@link ConceptBench#read}. */
  public static Path bench() {
    return path("conceptbench.json");
  }

  /** Seen from the working directory where it lies below it, so that commands that name it can be pasted. */
  private static Path path(String name) {
    Path home = Path.of(System.getProperty("lethe.home", "."));
    Path path = home.resolve(MODELS).resolve(name).toAbsolutePath().normalize();
    Path here = Path.of("").toAbsolutePath().normalize();
    return path.startsWith(here) ? here.relativize(path) : path;
  }
}
