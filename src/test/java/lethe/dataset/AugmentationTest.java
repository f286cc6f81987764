package lethe.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  private static final int SIDE = 64;

  private final BufferedImage artwork = new BufferedImage(8 * SIDE, 8 * SIDE, BufferedImage.TYPE_INT_RGB);

  /** Black from edge to edge, so that what is not white is the artwork. */
  @BeforeEach
  void paint() {
    Graphics2D graphics = artwork.createGraphics();
    graphics.setColor(Color.BLACK);
    graphics.fillRect(0, 0, artwork.getWidth(), artwork.getHeight());
    graphics.dispose();
  }

  /** Darkness of the picture: its sum, and where its middle is. */
  private static double[] moments(BufferedImage image) {
    double sum = 0;
    double x = 0;
    double y = 0;
    for (int row = 0; row < SIDE; row++) {
      for (int column = 0; column < SIDE; column++) {
        double dark = (255 - (image.getRGB(column, row) & 0xff)) / 255.0;
        sum += dark;
        x += dark * (column + 0.5);
        y += dark * (row + 0.5);
      }
    }
    return new double[] {sum, x / sum, y / sum};
  }

  @Test
  void plainArtworkIsCentredAndKeepsAPixelFromTheEdge() {
    BufferedImage image = Augmentation.PLAIN.apply(artwork, SIDE);
    for (int i = 0; i < SIDE; i++) {
      assertEquals(Color.WHITE.getRGB(), image.getRGB(i, 0));
      assertEquals(Color.WHITE.getRGB(), image.getRGB(SIDE - 1, i));
    }
    assertEquals(Color.BLACK.getRGB(), image.getRGB(1, 1));
    assertEquals(Color.BLACK.getRGB(), image.getRGB(SIDE - 2, SIDE - 2));
  }

  @Test
  void movesAndScalesAsItSays() {
    double[] moments = moments(new Augmentation(4.0 / SIDE, -6.0 / SIDE, 0.5, 0).apply(artwork, SIDE));
    assertEquals(32 * 32, moments[0], 8);
    assertEquals(36, moments[1], 0.05);
    assertEquals(26, moments[2], 0.05);
  }

  @Test
  void turnsClockwise() {
    Graphics2D graphics = artwork.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, artwork.getWidth() / 2, artwork.getHeight());
    graphics.dispose();
    double[] moments = moments(new Augmentation(0, 0, 0.8, 90).apply(artwork, SIDE));
    assertEquals(32, moments[1], 0.1);
    assertTrue(moments[2] > 40, "the right half has come to the bottom");
  }

  @Test
  void aSeedDrawsTheSame() {
    assertEquals(Augmentation.draw(new SplittableRandom(3)), Augmentation.draw(new SplittableRandom(3)));
    assertNotEquals(Augmentation.draw(new SplittableRandom(3)), Augmentation.draw(new SplittableRandom(4)));
  }
}
