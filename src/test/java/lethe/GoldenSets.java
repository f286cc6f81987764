package lethe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The golden directories that {@code *GoldenTest} classes run over: those in the test resources, plus every directory
 * named in the system property {@code lethe.golden} (comma separated), or lying one level below such a directory.
 */
public final class GoldenSets {
  private static final String PIPELINE_MARKER = "golden.safetensors";
  private static final String TOKENIZER_MARKER = "ids.json";

  private GoldenSets() {}

  /** Pipeline folders in the diffusers layout that hold a {@code golden.safetensors}. */
  public static Stream<Path> pipelines() {
    return setsWith(PIPELINE_MARKER);
  }

  /** Tokenizer folders that hold an {@code ids.json}. */
  public static Stream<Path> tokenizers() {
    return setsWith(TOKENIZER_MARKER);
  }

  private static Stream<Path> setsWith(String marker) {
    Stream<Path> named =
        Arrays.stream(System.getProperty("lethe.golden", "").split(","))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .map(Path::of);
    return Stream.concat(Stream.of(resources()), named).flatMap(directory -> expand(directory, marker));
  }

  private static Stream<Path> expand(Path directory, String marker) {
    if (!Files.isDirectory(directory)) {
      throw new IllegalArgumentException("lethe.golden names " + directory + ", which is not a directory");
    }
    if (Files.exists(directory.resolve(marker))) {
      return Stream.of(directory);
    }
    try (Stream<Path> children = Files.list(directory)) {
      List<Path> sets = children.filter(child -> Files.exists(child.resolve(marker))).sorted().toList();
      return sets.stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path resources() {
    URL golden = GoldenSets.class.getResource("/golden");
    try {
      return Path.of(golden.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
