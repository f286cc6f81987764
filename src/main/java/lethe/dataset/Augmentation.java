package lethe.dataset;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.util.random.RandomGenerator;

/**
 * How a picture differs from its plain artwork: moved, scaled and turned a little. Colours stay, because they are part
 * of the style; nothing is mirrored, because guitars and trumpets have a left and a right.
 *
 * @param right how far the artwork is moved, as a share of the picture's side
 * @param down likewise
 * @param scale 1 fills the picture
 * @param degrees clockwise
 */
record Augmentation(double right, double down, double scale, double degrees) {
  /** Artwork that reaches its edges keeps a pixel of 64 from the picture's. */
  private static final double PLAIN_SCALE = 62.0 / 64;

  private static final double MOST_SHIFT = 2.0 / 64;
  private static final double LEAST_SCALE = 0.92 * PLAIN_SCALE;
  private static final double MOST_SCALE = 1.03 * PLAIN_SCALE;
  private static final double MOST_DEGREES = 6;

  /** Drawn this many times as large as asked for, then averaged down. */
  private static final int SUPERSAMPLING = 4;

  /** The artwork as it is. */
  static final Augmentation PLAIN = new Augmentation(0, 0, PLAIN_SCALE, 0);

  static Augmentation draw(RandomGenerator random) {
    return new Augmentation(
        random.nextDouble(-MOST_SHIFT, MOST_SHIFT),
        random.nextDouble(-MOST_SHIFT, MOST_SHIFT),
        random.nextDouble(LEAST_SCALE, MOST_SCALE),
        random.nextDouble(-MOST_DEGREES, MOST_DEGREES));
  }

  /**
   * The picture of an artwork, on white.
   *
   * @param artwork a square, several times as large as the picture
   * @param side of the picture in pixels
   */
  BufferedImage apply(BufferedImage artwork, int side) {
    int large = side * SUPERSAMPLING;
    double toLarge = (double) large / artwork.getWidth();
    AffineTransform transform = AffineTransform.getTranslateInstance((0.5 + right) * large, (0.5 + down) * large);
    transform.rotate(Math.toRadians(degrees));
    transform.scale(scale * toLarge, scale * toLarge);
    transform.translate(-artwork.getWidth() / 2.0, -artwork.getHeight() / 2.0);
    BufferedImage canvas = new BufferedImage(large, large, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = canvas.createGraphics();
    try {
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, large, large);
      graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      graphics.drawImage(artwork, transform, null);
    } finally {
      graphics.dispose();
    }
    return averaged(canvas, side);
  }

  /** The mean of each square of {@link #SUPERSAMPLING} pixels a side, rounded. */
  private static BufferedImage averaged(BufferedImage large, int side) {
    int count = SUPERSAMPLING * SUPERSAMPLING;
    BufferedImage small = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    int[] square = new int[count];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        large.getRGB(
            x * SUPERSAMPLING, y * SUPERSAMPLING, SUPERSAMPLING, SUPERSAMPLING, square, 0, SUPERSAMPLING);
        int rgb = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
          int sum = 0;
          for (int pixel : square) {
            sum += pixel >> shift & 0xff;
          }
          rgb |= (sum + count / 2) / count << shift;
        }
        small.setRGB(x, y, rgb);
      }
    }
    return small;
  }
}
