package lethe.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;

/**
 * The stored 8-bit samples of a decoded image as planes R, G, B, composited on white.
 *
 * <p>Colour profiles are not applied, as PIL does not: {@link BufferedImage#getRGB} would convert them, and it takes
 * grayscale for linear light, which brightens it.
 */
final class RgbPlanes {
  private RgbPlanes() {}

  /** Planar bytes [3 * H * W]. */
  static byte[] of(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    int area = Math.multiplyExact(width, height);
    byte[] planes = new byte[Math.multiplyExact(3, area)];
    boolean stored = hasStoredRgb(image.getColorModel());
    int[] argb = new int[width];
    for (int y = 0; y < height; y++) {
      if (stored) {
        storedRow(image, y, argb);
      } else {
        image.getRGB(0, y, width, 1, argb, 0, width);
      }
      for (int x = 0; x < width; x++) {
        int alpha = argb[x] >>> 24;
        for (int c = 0; c < 3; c++) {
          int level = argb[x] >> (16 - 8 * c) & 0xff;
          planes[c * area + y * width + x] = (byte) ((level * alpha + 255 * (255 - alpha) + 127) / 255);
        }
      }
    }
    return planes;
  }

  /** Whether the samples are gray or R, G, B levels, rather than palette indices, packed pixels or another space. */
  private static boolean hasStoredRgb(ColorModel model) {
    int space = model.getColorSpace().getType();
    int type = model.getTransferType();
    return model instanceof ComponentColorModel
        && !model.isAlphaPremultiplied()
        && (space == ColorSpace.TYPE_RGB || space == ColorSpace.TYPE_GRAY)
        && (type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT)
        && model.getComponentSize(0) >= 8;
  }

  private static void storedRow(BufferedImage image, int y, int[] argb) {
    ColorModel model = image.getColorModel();
    Raster raster = image.getRaster();
    int bands = model.getNumComponents();
    int colors = model.getNumColorComponents();
    // 16-bit samples keep their high byte.
    int shift = model.getComponentSize(0) - 8;
    int[] samples = raster.getPixels(raster.getMinX(), raster.getMinY() + y, argb.length, 1, (int[]) null);
    for (int x = 0; x < argb.length; x++) {
      int at = x * bands;
      int red = samples[at] >> shift;
      int green = colors == 1 ? red : samples[at + 1] >> shift;
      int blue = colors == 1 ? red : samples[at + 2] >> shift;
      int alpha = model.hasAlpha() ? samples[at + bands - 1] >> shift : 255;
      argb[x] = alpha << 24 | red << 16 | green << 8 | blue;
    }
  }
}
