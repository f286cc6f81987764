package lethe.attack.judge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import lethe.error.UserException;
import lethe.image.ImageFolder;

/** Reference pictures on disk: {@code dog-face/noto.png}, or {@code dog-face.png}, {@code dog-face-2.png}. */
final class ReferenceFolder {
  private ReferenceFolder() {}

  /**
   * The pictures of each concept. A name's hyphens and underscores are spaces; a number at the end of a file's name
   * does not count.
   */
  static Map<String, List<Path>> list(Path folder) {
    List<Path> folders = folders(folder);
    Map<String, List<Path>> references = new TreeMap<>();
    if (folders.isEmpty()) {
      for (Path file : ImageFolder.list(folder)) {
        String stem = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
        references.computeIfAbsent(concept(stem.replaceFirst("[-_ ]?\\d+$", "")), c -> new ArrayList<>()).add(file);
      }
    } else {
      folders.forEach(of -> references.put(concept(of.getFileName().toString()), ImageFolder.list(of)));
    }
    if (references.size() < 2) {
      throw UserException.failed(
          "%s: has pictures of %s only; a judge needs those of other concepts, too, to tell them apart"
              .formatted(folder, references.keySet()));
    }
    return references;
  }

  private static List<Path> folders(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw UserException.failed(
          "%s: no such folder of reference pictures; name one with a folder per concept, or files named by concept"
              .formatted(folder));
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> Files.isDirectory(entry) && !entry.getFileName().toString().startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw UserException.failed(
          "%s: cannot be listed (%s); check its permissions".formatted(folder, e.getMessage()), e);
    }
  }

  private static String concept(String name) {
    return name.replaceAll("[-_]+", " ").strip().toLowerCase(Locale.ROOT);
  }
}
