package lethe.image;

import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import lethe.error.UserException;
import org.bytedeco.pytorch.Tensor;

/** Reads one image file. */
public final class ImageFile {
  private ImageFile() {}

  /**
   * Reads {@code file} as float32 [3, H, W] in [-1, 1], owned by the current scope. Gray and palette images become RGB,
   * transparency is composited on white, and of an animation the first frame is taken. The EXIF orientation and colour
   * profiles are not applied, as PIL's {@code open} does not.
   *
   * @throws UserException if the file is missing, unreadable, truncated or not an image
   */
  public static Tensor read(Path file) {
    BufferedImage image = open(file);
    return Pixels.fromBytes(RgbPlanes.of(image), image.getHeight(), image.getWidth());
  }

  /**
   * The levels 0..255 of {@code file} as planes R, G, B: [3, height, width]. Otherwise as {@link #read}.
   *
   * @throws UserException also if the image has another size
   */
  public static byte[] readPlanes(Path file, int height, int width) {
    BufferedImage image = open(file);
    if (image.getHeight() != height || image.getWidth() != width) {
      throw UserException.failed("image %s is %d x %d pixels, expected %d x %d; scale it or take another"
          .formatted(file, image.getWidth(), image.getHeight(), width, height));
    }
    return RgbPlanes.of(image);
  }

  private static BufferedImage open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw UserException.failed("no image file %s; check the path".formatted(file));
    }
    try {
      return decode(file);
    } catch (IOException | RuntimeException e) {
      // Decoders answer broken files with unchecked exceptions, too.
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage().replaceAll("\\R", " ");
      throw UserException.failed("cannot read image %s: %s; remove it or save it again as one of %s"
          .formatted(file, reason, ImageFormats.names()), e);
    }
  }

  private static BufferedImage decode(Path file) throws IOException {
    try (ImageInputStream input = ImageIO.createImageInputStream(file.toFile())) {
      if (input == null) {
        throw new IOException("permission denied");
      }
      Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
      if (!readers.hasNext()) {
        throw new IOException("not an image of a known format");
      }
      ImageReader reader = readers.next();
      boolean[] truncated = {false};
      // The JDK's JPEG reader fills what is missing with gray and merely warns.
      reader.addIIOReadWarningListener((source, warning) -> truncated[0] |= warning.contains("Missing EOI"));
      try {
        reader.setInput(input);
        BufferedImage image = reader.read(0);
        if (truncated[0]) {
          throw new EOFException("the file is truncated");
        }
        return image;
      } finally {
        reader.dispose();
      }
    }
  }
}
