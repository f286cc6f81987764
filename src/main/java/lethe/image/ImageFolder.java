package lethe.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import lethe.error.UserException;

/** A folder of images, such as the pictures of one concept. */
public final class ImageFolder {
  private ImageFolder() {}

  /**
   * The images directly in {@code folder}, sorted by path so that a seed means the same run on every file system.
   * Hidden files (the {@code ._name.jpg} that some systems leave behind) are passed over.
   *
   * @throws UserException if the folder is missing, unreadable, not a folder, or holds no image of a supported format
   */
  public static List<Path> list(Path folder) {
    if (!Files.exists(folder)) {
      throw UserException.failed("image folder %s does not exist; create it and put images in it (%s)"
          .formatted(folder, ImageFormats.names()));
    }
    if (!Files.isDirectory(folder)) {
      throw UserException.failed("%s is not a folder; name the folder that holds the images (%s)"
          .formatted(folder, ImageFormats.names()));
    }
    List<Path> images;
    try (Stream<Path> entries = Files.list(folder)) {
      images = entries.filter(ImageFolder::isImage).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      throw UserException.failed("cannot list image folder %s (%s); check its permissions (images: %s)"
          .formatted(folder, e.getMessage(), ImageFormats.names()), e);
    }
    if (images.isEmpty()) {
      throw UserException.failed("no image in folder %s; put at least one there (%s)"
          .formatted(folder, ImageFormats.names()));
    }
    return images;
  }

  private static boolean isImage(Path file) {
    return !file.getFileName().toString().startsWith(".") && ImageFormats.supports(file) && Files.isRegularFile(file);
  }
}
