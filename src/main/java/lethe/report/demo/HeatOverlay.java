package lethe.report.demo;

import java.awt.image.BufferedImage;

/** Lays an attention map over its picture: the picture in grey, the attention from black over red to yellow. */
final class HeatOverlay {
  /** Pixels of the result for each of the picture's, so that the map's smooth edges are not coarser than need be. */
  private static final int SCALE = 2;

  /** The colour map "inferno" (S. van der Walt, N. Smith, CC0) at equal distances: even steps to the eye. */
  private static final int[] COLORS = {
    0x000004, 0x1b0c41, 0x4a0c6b, 0x781c6d, 0xa52c60, 0xcf4446, 0xed6925, 0xfb9b06, 0xf7d13d, 0xfcffa4
  };

  private HeatOverlay() {}

  /**
   * @param max attention that gets the last colour, above 0: the same for maps that are to be compared
   */
  static BufferedImage of(BufferedImage picture, AttentionMap map, double max) {
    int width = SCALE * picture.getWidth();
    int height = SCALE * picture.getHeight();
    BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double value = Math.min(1, at(map, (x + 0.5) / width, (y + 0.5) / height) / max);
        result.setRGB(x, y, blend(grey(picture.getRGB(x / SCALE, y / SCALE)), color(value), opacity(value)));
      }
    }
    return result;
  }

  /** The colours from least to most, for a legend. */
  static BufferedImage scale(int width, int height) {
    BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int x = 0; x < width; x++) {
      for (int y = 0; y < height; y++) {
        result.setRGB(x, y, color((double) x / (width - 1)));
      }
    }
    return result;
  }

  /** The map between its places' centres, bilinear; u and v in (0, 1). */
  private static double at(AttentionMap map, double u, double v) {
    double x = Math.max(0, Math.min(map.width() - 1, u * map.width() - 0.5));
    double y = Math.max(0, Math.min(map.height() - 1, v * map.height() - 0.5));
    int left = (int) x;
    int top = (int) y;
    int right = Math.min(left + 1, map.width() - 1);
    int bottom = Math.min(top + 1, map.height() - 1);
    double upper = mix(value(map, left, top), value(map, right, top), x - left);
    double lower = mix(value(map, left, bottom), value(map, right, bottom), x - left);
    return mix(upper, lower, y - top);
  }

  private static double value(AttentionMap map, int x, int y) {
    return map.values()[y * map.width() + x];
  }

  private static double opacity(double value) {
    return 0.35 + 0.5 * value;
  }

  private static int color(double value) {
    double place = value * (COLORS.length - 1);
    int below = Math.min((int) place, COLORS.length - 2);
    return blend(COLORS[below], COLORS[below + 1], place - below);
  }

  /** Brightness as Rec. 601 weighs it. */
  private static int grey(int rgb) {
    int level = (int) Math.round(0.299 * (rgb >> 16 & 0xff) + 0.587 * (rgb >> 8 & 0xff) + 0.114 * (rgb & 0xff));
    return level << 16 | level << 8 | level;
  }

  private static int blend(int from, int to, double share) {
    int result = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      result |= (int) Math.round(mix(from >> shift & 0xff, to >> shift & 0xff, share)) << shift;
    }
    return result;
  }

  private static double mix(double from, double to, double share) {
    return from + (to - from) * share;
  }
}
