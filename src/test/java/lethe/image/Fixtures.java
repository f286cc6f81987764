package lethe.image;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Images to test with. */
final class Fixtures {
  private Fixtures() {}

  static Path file(String name) {
    try {
      return Path.of(Objects.requireNonNull(Fixtures.class.getResource("/images/" + name), name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An image [3, height, width] in which every value tells its channel, row and column. */
  static Tensor coordinates(int height, int width) {
    float[] values = new float[3 * height * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = coordinate(i / (height * width), i / width % height, i % width);
    }
    return torch.tensor(values).view(3, height, width);
  }

  static float coordinate(int channel, int y, int x) {
    return (channel + y / 100f + x / 10000f) / 3f;
  }

  static float at(Tensor image, long channel, long y, long x) {
    return image.select(0, channel).select(0, y).select(0, x).item_float();
  }

  /** The 8-bit levels R, G, B of one pixel. */
  static int[] rgb(Tensor image, int y, int x) {
    byte[] planes = Pixels.toBytes(image.narrow(1, y, 1).narrow(2, x, 1));
    return new int[] {planes[0] & 0xff, planes[1] & 0xff, planes[2] & 0xff};
  }

  /** The largest difference of two images in 8-bit levels. */
  static float maxLevels(Tensor a, Tensor b) {
    return Pixels.toLevels(a).sub(Pixels.toLevels(b)).abs().max().item_float();
  }
}
