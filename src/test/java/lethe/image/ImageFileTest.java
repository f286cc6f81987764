package lethe.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import lethe.error.UserException;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFileTest {
  private final Scope scope = new Scope();

  @TempDir Path folder;

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void readsRgbAsPlanesInMinusOneToOne() throws IOException {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    image.setRGB(2, 1, new Color(255, 0, 51).getRGB());
    Tensor read = ImageFile.read(save(image, "rgb.png"));
    assertArrayEquals(new long[] {3, 2, 3}, read.shape());
    assertEquals(1f, Fixtures.at(read, 0, 1, 2));
    assertEquals(-1f, Fixtures.at(read, 1, 1, 2));
    assertEquals(-0.6f, Fixtures.at(read, 2, 1, 2), 1e-6f);
    assertEquals(-1f, Fixtures.at(read, 0, 0, 0));
  }

  @Test
  void keepsGrayLevels() throws IOException {
    BufferedImage gray = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    gray.getRaster().setSample(0, 0, 0, 100);
    assertPixel(100, 100, 100, ImageFile.read(save(gray, "gray.png")), 0, 0);
    assertPixel(100, 100, 100, ImageFile.read(Fixtures.file("gray.jpg")), 3, 3);
    BufferedImage deep = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    deep.getRaster().setSample(1, 0, 0, 0x7fff);
    assertPixel(127, 127, 127, ImageFile.read(save(deep, "deep.png")), 0, 1);
  }

  @Test
  void looksPaletteColoursUp() throws IOException {
    byte[] red = {0, 10};
    byte[] green = {0, 20};
    byte[] blue = {0, (byte) 200};
    IndexColorModel palette = new IndexColorModel(1, 2, red, green, blue);
    BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_BINARY, palette);
    image.getRaster().setSample(1, 2, 0, 1);
    assertPixel(10, 20, 200, ImageFile.read(save(image, "palette.png")), 2, 1);
  }

  @Test
  void compositesTransparencyOnWhite() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(1, 0, new Color(10, 20, 30, 102).getRGB());
    Tensor png = ImageFile.read(save(image, "alpha.png"));
    assertPixel(255, 255, 255, png, 0, 0);
    assertPixel(157, 161, 165, png, 0, 1);
    Tensor webp = ImageFile.read(Fixtures.file("alpha.webp"));
    assertPixel(255, 255, 255, webp, 0, 2);
    assertPixel(157, 161, 165, webp, 1, 2);
    assertPixel(200, 40, 90, webp, 3, 5);
  }

  @Test
  void readsLossyWebpAsPilDoes() {
    Tensor expected = ImageFile.read(Fixtures.file("lossy-webp.png"));
    // The two libraries interpolate the halved chroma planes differently.
    assertEquals(0f, Fixtures.maxLevels(expected, ImageFile.read(Fixtures.file("lossy.webp"))), 8f);
  }

  @Test
  void readsCmykJpeg() {
    int[] rgb = Fixtures.rgb(ImageFile.read(Fixtures.file("cmyk.jpg")), 3, 3);
    assertTrue(rgb[0] > 180 && rgb[1] < 90 && rgb[2] < 90, "not the red it was made of: " + Arrays.toString(rgb));
  }

  @Test
  void belongsToTheCurrentScope() {
    Tensor image;
    try (Scope inner = new Scope()) {
      image = ImageFile.read(Fixtures.file("source.png"));
    }
    assertTrue(image.isNull());
  }

  @Test
  void refusesWhatIsNotAnImage() throws IOException {
    assertRefused(Files.writeString(folder.resolve("notes.png"), "not an image"), "not an image of a known format");
    assertRefused(Files.createFile(folder.resolve("empty.jpg")), "not an image of a known format");
    assertRefused(folder.resolve("missing.png"), "check the path");
  }

  @Test
  void refusesTruncatedFiles() throws IOException {
    for (String name : new String[] {"photo.jpg", "source.png", "lossy.webp"}) {
      byte[] bytes = Files.readAllBytes(Fixtures.file(name));
      assertRefused(Files.write(folder.resolve(name), Arrays.copyOf(bytes, bytes.length * 3 / 4)), "save it again");
    }
  }

  @Test
  void planesHaveTheSizeThatWasAskedFor() throws IOException {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    image.setRGB(2, 1, 0x102030);
    Path file = folder.resolve("small.png");
    ImageIO.write(image, "png", file.toFile());
    byte[] planes = ImageFile.readPlanes(file, 2, 3);
    assertEquals(18, planes.length);
    assertEquals(0x10, planes[5]);
    assertEquals(0x20, planes[11]);
    assertEquals(0x30, planes[17]);
    String message = assertThrows(UserException.class, () -> ImageFile.readPlanes(file, 3, 2)).getMessage();
    assertTrue(message.endsWith("is 3 x 2 pixels, expected 2 x 3; scale it or take another"), message);
  }

  private static void assertRefused(Path file, String expected) {
    UserException e = assertThrows(UserException.class, () -> ImageFile.read(file), file.toString());
    assertEquals(UserException.FAILED, e.exitCode());
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  private static void assertPixel(int red, int green, int blue, Tensor image, int y, int x) {
    assertArrayEquals(new int[] {red, green, blue}, Fixtures.rgb(image, y, x));
  }

  private Path save(BufferedImage image, String name) throws IOException {
    Path file = folder.resolve(name);
    assertTrue(ImageIO.write(image, "png", file.toFile()));
    return file;
  }
}
