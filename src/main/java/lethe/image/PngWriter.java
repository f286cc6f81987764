package lethe.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.UUID;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import lethe.error.UserException;
import org.bytedeco.pytorch.Tensor;

/** Writes 8-bit RGB PNG files that carry how they were made as text. */
public final class PngWriter {
  private static final String METADATA_FORMAT = "javax_imageio_png_1.0";

  private PngWriter() {}

  /**
   * Writes {@code image} to {@code file}, replacing it as a whole or not at all. Values are rounded to 8 bits as
   * diffusers does: round(255 * clamp(x / 2 + 0.5, 0, 1)).
   *
   * @param image [3, H, W] in [-1, 1]
   * @param text PNG text chunks by keyword (1 to 79 Latin-1 characters); a Latin-1 value goes into tEXt, any other into
   *     iTXt
   * @throws UserException if the file cannot be written: no such folder, no permission, disk full
   */
  public static void write(Path file, Tensor image, Map<String, String> text) {
    write(file, bufferedImage(image), text);
  }

  /** As {@link #write(Path, Tensor, Map)}, of a picture that was drawn rather than computed. */
  public static void write(Path file, BufferedImage image, Map<String, String> text) {
    byte[] png = encode(image, text);
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        // A device or a pipe is written to, never renamed over; a folder is refused here.
        Files.write(file, png);
      } else {
        replace(file, png);
      }
    } catch (IOException e) {
      throw UserException.failed("cannot write image %s: %s".formatted(file, mend(file, e)), e);
    }
  }

  private static void replace(Path file, byte[] bytes) throws IOException {
    // A name of its own: the target's name with a suffix could be longer than file systems allow.
    Path temporary = file.resolveSibling(".lethe-" + UUID.randomUUID() + ".tmp");
    try {
      Files.write(temporary, bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static String mend(Path file, IOException e) {
    if (e instanceof NoSuchFileException) {
      return "folder %s does not exist; create it or choose another".formatted(file.toAbsolutePath().getParent());
    }
    String reason = e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : e.getMessage();
    return "%s; check permissions and free space, or choose another folder".formatted(reason);
  }

  /**
   * An image as it would be written, for drawing on it.
   *
   * @param image [3, H, W] in [-1, 1]
   */
  public static BufferedImage bufferedImage(Tensor image) {
    Pixels.requireImage(image);
    int height = Math.toIntExact(image.size(1));
    int width = Math.toIntExact(image.size(2));
    int area = height * width;
    byte[] planes = Pixels.toBytes(image);
    BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] rgb = new int[area];
    for (int i = 0; i < area; i++) {
      rgb[i] = (planes[i] & 0xff) << 16 | (planes[area + i] & 0xff) << 8 | planes[2 * area + i] & 0xff;
    }
    result.getRaster().setDataElements(0, 0, width, height, rgb);
    return result;
  }

  /** The bytes of a PNG file; {@code text} as in {@link #write(Path, Tensor, Map)}. */
  public static byte[] encode(BufferedImage image, Map<String, String> text) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream output = new MemoryCacheImageOutputStream(bytes)) {
      IIOMetadata metadata = writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), null);
      metadata.mergeTree(METADATA_FORMAT, textChunks(text));
      writer.setOutput(output);
      writer.write(new IIOImage(image, null, metadata));
    } catch (IOException e) {
      throw new UncheckedIOException("PNG encoding to memory failed", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static IIOMetadataNode textChunks(Map<String, String> text) {
    IIOMetadataNode latin = new IIOMetadataNode("tEXt");
    IIOMetadataNode international = new IIOMetadataNode("iTXt");
    text.forEach((keyword, value) -> {
      if (StandardCharsets.ISO_8859_1.newEncoder().canEncode(value)) {
        latin.appendChild(entry("tEXtEntry", "keyword", keyword, "value", value));
      } else {
        international.appendChild(entry("iTXtEntry", "keyword", keyword, "compressionFlag", "FALSE",
            "compressionMethod", "0", "languageTag", "", "translatedKeyword", "", "text", value));
      }
    });
    IIOMetadataNode root = new IIOMetadataNode(METADATA_FORMAT);
    for (IIOMetadataNode chunks : new IIOMetadataNode[] {latin, international}) {
      if (chunks.hasChildNodes()) {
        root.appendChild(chunks);
      }
    }
    return root;
  }

  private static IIOMetadataNode entry(String name, String... attributes) {
    IIOMetadataNode node = new IIOMetadataNode(name);
    for (int i = 0; i < attributes.length; i += 2) {
      node.setAttribute(attributes[i], attributes[i + 1]);
    }
    return node;
  }
}
