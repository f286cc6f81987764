package lethe.image;

import java.util.function.LongUnaryOperator;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.InterpolateFuncOptions;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.LongVectorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.kBilinear;

/** Resizing and cropping with the results of torchvision's transforms on PIL images. */
public final class ImageResize {
  private ImageResize() {}

  /**
   * Resizes so that the shorter side is {@code size} pixels, as torchvision's {@code Resize(size)} does on a PIL image:
   * antialiased bilinear, the longer side cut to whole pixels, values rounded to the 256 levels of an 8-bit image.
   * PIL's weights are fixed-point: where a weighted mean lies half way between two levels, the two may differ by one.
   *
   * @param image float [3, H, W] in [-1, 1]
   * @return float32 [3, H', W'] in [-1, 1], owned by the current scope
   */
  public static Tensor shorterSide(Tensor image, int size) {
    Pixels.requireImage(image);
    requirePositive(size);
    long height = image.size(1);
    long width = image.size(2);
    long shorter = Math.min(height, width);
    LongUnaryOperator scaled = side -> side == shorter ? size : (long) ((double) size * side / shorter);
    try (Scope scope = new Scope()) {
      // PIL works along rows, then along columns, and rounds to whole levels after each, halves up.
      Tensor wide = roundHalfUp(interpolate(Pixels.toLevels(image), height, scaled.applyAsLong(width)));
      Tensor levels = roundHalfUp(interpolate(wide, scaled.applyAsLong(height), scaled.applyAsLong(width)));
      return scope.keep(Pixels.fromLevels(levels));
    }
  }

  /**
   * The {@code size} x {@code size} middle, offsets rounded half to even as torchvision's {@code CenterCrop}.
   *
   * @param image [3, H, W] with both sides at least {@code size}
   * @return a copy [3, size, size], owned by the current scope
   */
  public static Tensor centerCrop(Tensor image, int size) {
    requireFits(image, size);
    long top = (long) Math.rint((image.size(1) - size) / 2.0);
    long left = (long) Math.rint((image.size(2) - size) / 2.0);
    return crop(image, top, left, size);
  }

  /**
   * A {@code size} x {@code size} part at a place drawn from {@code generator}: first the row, then the column, as
   * torchvision's {@code RandomCrop}; nothing is drawn if the image already has that size.
   *
   * @param image [3, H, W] with both sides at least {@code size}
   * @return a copy [3, size, size], owned by the current scope
   */
  public static Tensor randomCrop(Tensor image, int size, Generator generator) {
    requireFits(image, size);
    if (image.size(1) == size && image.size(2) == size) {
      return crop(image, 0, 0, size);
    }
    long top = draw(image.size(1) - size + 1, generator);
    long left = draw(image.size(2) - size + 1, generator);
    return crop(image, top, left, size);
  }

  /** Antialiased bilinear, {@code align_corners=False}; levels: float32 [3, H, W]. */
  private static Tensor interpolate(Tensor levels, long height, long width) {
    InterpolateFuncOptions options = new InterpolateFuncOptions();
    options.size().put(new LongVectorOptional(new LongVector(height, width)));
    options.mode().put(new kBilinear());
    options.align_corners().put(new BoolOptional(false));
    options.antialias().put(true);
    return torch.interpolate(levels.unsqueeze(0), options).squeeze(0);
  }

  private static Tensor roundHalfUp(Tensor levels) {
    return levels.add(new Scalar(0.5f)).floor();
  }

  private static long draw(long bound, Generator generator) {
    try (Scope scope = new Scope()) {
      return torch.randint(bound, new long[] {1}, new GeneratorOptional(generator)).item_long();
    }
  }

  private static Tensor crop(Tensor image, long top, long left, int size) {
    try (Scope scope = new Scope()) {
      return scope.keep(image.narrow(1, top, size).narrow(2, left, size).clone());
    }
  }

  private static void requireFits(Tensor image, int size) {
    Pixels.requireImage(image);
    requirePositive(size);
    if (image.size(1) < size || image.size(2) < size) {
      throw new IllegalArgumentException(
          "cannot crop %d x %d from an image of %d x %d".formatted(size, size, image.size(1), image.size(2)));
    }
  }

  private static void requirePositive(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("image size must be positive, not " + size);
    }
  }
}
