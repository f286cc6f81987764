package lethe.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import lethe.error.UserException;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class PngWriterTest {
  private final Scope scope = new Scope();

  @TempDir Path folder;

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void writesWhatIsReadBack() throws IOException {
    Tensor image = ImageFile.read(Fixtures.file("source.png"));
    Path file = folder.resolve("image.png");
    PngWriter.write(file, image, Map.of());
    assertEquals(0f, ImageFile.read(file).sub(image).abs().max().item_float());
    assertEquals(List.of("image.png"), names());
  }

  @Test
  void clampsAndRoundsHalfToEven() {
    // Levels -25.5, 0.4, 127.5, 128.6, 255, 300 and beyond.
    float[] row = {-1.2f, 2 * 0.4f / 255 - 1, 0f, 2 * 128.6f / 255 - 1, 1f, 40f};
    Path file = folder.resolve("levels.png");
    PngWriter.write(file, torch.tensor(row).view(1, 1, 6).expand(3, 2, 6), Map.of());
    Tensor read = ImageFile.read(file);
    int[] expected = {0, 0, 128, 129, 255, 255};
    for (int x = 0; x < row.length; x++) {
      assertArrayEquals(new int[] {expected[x], expected[x], expected[x]}, Fixtures.rgb(read, 1, x));
    }
  }

  @Test
  void carriesText() throws IOException {
    Map<String, String> text = Map.of(
        "prompt", "a painting in the style of Cézanne, \"still life\" & <apples>",
        "negative prompt", "",
        "author", "葛飾北斎 🌊",
        "seed", "42");
    Path file = folder.resolve("image.png");
    PngWriter.write(file, Fixtures.coordinates(4, 5), text);
    Map<String, String> latin = textChunks(file, "tEXtEntry", "value");
    Map<String, String> international = textChunks(file, "iTXtEntry", "text");
    assertEquals(Map.of("author", "葛飾北斎 🌊"), international);
    latin.putAll(international);
    assertEquals(text, latin);
  }

  @Test
  void replacesAnOlderFile() throws IOException {
    Path file = Files.writeString(folder.resolve("image.png"), "old");
    PngWriter.write(file, Fixtures.coordinates(4, 5), Map.of());
    assertArrayEquals(new long[] {3, 4, 5}, ImageFile.read(file).shape());
    assertEquals(List.of("image.png"), names());
  }

  @Test
  void reportsAFullDisk() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "no device that is always full");
    Path link = Files.createSymbolicLink(folder.resolve("image.png"), full);
    assertRefused(link, "No space left on device");
    assertEquals(List.of("image.png"), names());
    Files.delete(link);
  }

  @Test
  void leavesNothingBehindWhenItCannotWrite() throws IOException {
    assertRefused(folder.resolve("missing").resolve("image.png"), "create it");
    assertRefused(folder, "check permissions and free space");
    // The bytes are written, but file systems do not take a name this long.
    assertRefused(folder.resolve("x".repeat(300) + ".png"), "check permissions and free space");
    assertEquals(List.of(), names());
  }

  private static void assertRefused(Path file, String expected) {
    UserException e =
        assertThrows(UserException.class, () -> PngWriter.write(file, Fixtures.coordinates(4, 5), Map.of()));
    assertEquals(UserException.FAILED, e.exitCode());
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static Map<String, String> textChunks(Path file, String element, String attribute) throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (ImageInputStream input = ImageIO.createImageInputStream(file.toFile())) {
      reader.setInput(input);
      Element root = (Element) reader.getImageMetadata(0).getAsTree("javax_imageio_png_1.0");
      NodeList entries = root.getElementsByTagName(element);
      Map<String, String> text = new TreeMap<>();
      for (int i = 0; i < entries.getLength(); i++) {
        Element entry = (Element) entries.item(i);
        text.put(entry.getAttribute("keyword"), entry.getAttribute(attribute));
      }
      return text;
    } finally {
      reader.dispose();
    }
  }
}
