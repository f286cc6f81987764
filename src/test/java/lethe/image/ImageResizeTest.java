package lethe.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageResizeTest {
  private final Scope scope = new Scope();

  @AfterEach
  void close() {
    scope.close();
  }

  // Halving has dyadic weights in the interior, exact in either arithmetic; elsewhere halves may round differently.
  @ParameterizedTest
  @CsvSource({
    "source.png, 8, shorter-8.png, 0",
    "source.png, 16, source.png, 0",
    "source.png, 7, shorter-7.png, 0.02",
    "source.png, 37, shorter-37.png, 0.02",
    "rotated.png, 7, rotated-shorter-7.png, 0.02",
  })
  void equalsPil(String source, int size, String expected, float differing) {
    Tensor resized = ImageResize.shorterSide(ImageFile.read(Fixtures.file(source)), size);
    Tensor pil = ImageFile.read(Fixtures.file(expected));
    assertArrayEquals(pil.shape(), resized.shape());
    Tensor levels = Pixels.toLevels(pil).sub(Pixels.toLevels(resized)).abs();
    assertTrue(levels.max().item_float() <= 1f, "differs by " + levels.max().item_float() + " levels");
    assertTrue(levels.mean().item_float() <= differing, "share of differing values: " + levels.mean().item_float());
  }

  @Test
  void followsTheTriangleFilter() {
    // Halving: radius 2 source pixels around each output centre, weights 1, 3, 3, 1, cut off at the borders.
    int[] row = {0, 80, 40, 160, 240, 8};
    float[] values = new float[3 * 6 * 6];
    for (int i = 0; i < values.length; i++) {
      values[i] = row[i % 6] / 127.5f - 1f;
    }
    Tensor resized = ImageResize.shorterSide(torch.tensor(values).view(3, 6, 6), 3);
    int[] expected = {
      Math.round((3 * 0 + 3 * 80 + 40) / 7f),
      Math.round((80 + 3 * 40 + 3 * 160 + 240) / 8f),
      Math.round((160 + 3 * 240 + 3 * 8) / 7f)
    };
    for (int x = 0; x < 3; x++) {
      assertArrayEquals(new int[] {expected[x], expected[x], expected[x]}, Fixtures.rgb(resized, 1, x));
    }
  }

  @Test
  void cutsTheLongerSideToWholePixels() {
    assertArrayEquals(new long[] {3, 8, 10}, ImageResize.shorterSide(Fixtures.coordinates(17, 23), 8).shape());
    assertArrayEquals(new long[] {3, 10, 8}, ImageResize.shorterSide(Fixtures.coordinates(23, 17), 8).shape());
  }

  @Test
  void cropsTheCentre() {
    Tensor crop = ImageResize.centerCrop(Fixtures.coordinates(9, 12), 4);
    assertArrayEquals(new long[] {3, 4, 4}, crop.shape());
    // (9 - 4) / 2 = 2.5 rounds to 2.
    assertEquals(Fixtures.coordinate(1, 2, 4), Fixtures.at(crop, 1, 0, 0));
    assertEquals(Fixtures.coordinate(2, 5, 7), Fixtures.at(crop, 2, 3, 3));
  }

  @Test
  void cropsWhereTheGeneratorSays() {
    Tensor image = Fixtures.coordinates(6, 5);
    Set<Float> corners = new HashSet<>();
    for (long seed = 0; seed < 100; seed++) {
      Tensor crop = ImageResize.randomCrop(image, 4, generator(seed));
      assertArrayEquals(new long[] {3, 4, 4}, crop.shape());
      corners.add(Fixtures.at(crop, 0, 0, 0));
      assertEquals(0f, crop.sub(ImageResize.randomCrop(image, 4, generator(seed))).abs().max().item_float());
    }
    assertEquals(6, corners.size(), "3 rows x 2 columns");
  }

  @Test
  void drawsNothingForAnImageOfTheCropsSize() {
    Generator used = generator(3);
    ImageResize.randomCrop(Fixtures.coordinates(4, 4), 4, used);
    assertArrayEquals(state(generator(3)), state(used));
    ImageResize.randomCrop(Fixtures.coordinates(6, 6), 4, used);
    assertNotEquals(Arrays.hashCode(state(generator(3))), Arrays.hashCode(state(used)));
  }

  @Test
  void refusesCropsLargerThanTheImage() {
    assertThrows(IllegalArgumentException.class, () -> ImageResize.centerCrop(Fixtures.coordinates(4, 6), 5));
    assertThrows(IllegalArgumentException.class, () -> ImageResize.shorterSide(Fixtures.coordinates(4, 6), 0));
  }

  private static Generator generator(long seed) {
    return torch.make_generator_cpu(seed);
  }

  private static byte[] state(Generator generator) {
    Tensor state = generator.get_state();
    byte[] bytes = new byte[(int) state.numel()];
    state.data_ptr_byte().get(bytes);
    return bytes;
  }
}
