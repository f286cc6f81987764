package lethe.image;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** The image formats Lethe reads, by file extension. */
final class ImageFormats {
  private static final Set<String> EXTENSIONS = new TreeSet<>(Set.of("bmp", "jpeg", "jpg", "png", "webp"));

  private ImageFormats() {}

  /** Whether the file's extension, in upper or lower case, is one of {@link #names()}. */
  static boolean supports(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot >= 0 && EXTENSIONS.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
  }

  /** For error messages: {@code .bmp, .jpeg, ...}. */
  static String names() {
    return "." + String.join(", .", EXTENSIONS);
  }
}
