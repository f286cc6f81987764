package lethe.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossCurveTest {
  private static final int BLUE = 0x0072B2;
  private static final int VERMILION = 0xD55E00;

  @TempDir Path folder;

  @Test
  void everyLossHasItsLineAndItsPlaceInTheLegend() throws IOException {
    Path file = folder.resolve("loss.png");
    Random random = new Random(0);
    double[] steps = IntStream.range(0, 400).asDoubleStream().toArray();
    double[] erase =
        IntStream.range(0, 400).mapToDouble(i -> 0.02 * Math.exp(-i / 90.0 + random.nextGaussian())).toArray();
    double[] attackSteps = IntStream.range(100, 400).asDoubleStream().toArray();
    double[] attack =
        IntStream.range(100, 400).mapToDouble(i -> 1e-5 * i * Math.exp(random.nextGaussian())).toArray();
    new LossCurve("AdvUnlearn: church", "outer iteration", "loss (mean squared error)")
        .add("erase", steps, erase)
        .add("attack", attackSteps, attack)
        .write(file, Map.of("Software", "Lethe"));
    BufferedImage image = ImageIO.read(file.toFile());
    assertEquals(1200, image.getWidth());
    assertTrue(count(image, BLUE, 0, 100) > 50, "legend");
    assertTrue(count(image, VERMILION, 0, 100) > 50, "legend");
    assertTrue(count(image, BLUE, 105, 590) > 500, "line");
    assertTrue(count(image, VERMILION, 105, 590) > 300, "line");
  }

  @Test
  void aSmallerLossIsDrawnLower() {
    BufferedImage image =
        new LossCurve("", "", "").add("a", new double[] {0, 1}, new double[] {1, 0.5}).draw();
    int left = highest(image, BLUE, 110);
    int right = highest(image, BLUE, 1160);
    assertTrue(left < right, left + " " + right);
  }

  @Test
  void whatIsNotFiniteLeavesAGap() {
    double[] values = {1, 1, Double.NaN, Double.POSITIVE_INFINITY, 1, 1};
    BufferedImage image =
        new LossCurve("", "", "").add("a", new double[] {0, 1, 2, 3, 4, 5}, values).draw();
    assertTrue(highest(image, BLUE, 200) > 0);
    assertEquals(-1, highest(image, BLUE, 105 + (1170 - 105) / 2));
  }

  @Test
  void emptyAndSingleStepRunsAreDrawn() {
    new LossCurve("nothing", "step", "loss").draw();
    new LossCurve("none of it", "step", "loss").add("a", new double[0], new double[0]).draw();
    BufferedImage one = new LossCurve("one", "step", "loss").add("a", new double[] {3}, new double[] {0.2}).draw();
    assertTrue(count(one, BLUE, 105, 590) > 0, "a dot");
    new LossCurve("zero", "step", "loss").add("a", new double[] {0, 1}, new double[] {0, 0}).draw();
  }

  @Test
  void stepsAndValuesMustMatch() {
    LossCurve curve = new LossCurve("", "", "");
    assertThrows(IllegalArgumentException.class, () -> curve.add("a", new double[2], new double[3]));
  }

  @Test
  void valuesFarApartGetALogarithmicAxis() {
    assertTrue(Axis.ofValues(1e-5, 0.3).logarithmic());
    assertFalse(Axis.ofValues(0.1, 0.3).logarithmic());
    assertFalse(Axis.ofValues(0, 0.3).logarithmic());
    Axis axis = Axis.ofValues(2e-5, 0.3);
    assertEquals(0, axis.position(1e-5), 1e-12);
    assertEquals(0.2, axis.position(1e-4), 1e-12);
    assertEquals("[1e-05, 1e-04, 0.001, 0.01, 0.1, 1]", axis.ticks().stream().map(Axis::label).toList().toString());
  }

  @Test
  void ticksAreRound() {
    assertEquals(
        "[0, 200, 400, 600, 800, 1000]", Axis.ofSteps(0, 1000).ticks().stream().map(Axis::label).toList().toString());
    assertEquals(
        "[0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]",
        Axis.ofValues(0.1, 0.27).ticks().stream().map(Axis::label).toList().toString());
    assertEquals("[-1, -0.5, 0, 0.5, 1]", Axis.ofValues(-1, 1).ticks().stream().map(Axis::label).toList().toString());
  }

  private static int count(BufferedImage image, int color, int top, int bottom) {
    int count = 0;
    for (int y = top; y < bottom; y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        count += (image.getRGB(x, y) & 0xFFFFFF) == color ? 1 : 0;
      }
    }
    return count;
  }

  /** Row of the topmost pixel of a colour in a column of the plot; -1 if there is none. */
  private static int highest(BufferedImage image, int color, int x) {
    for (int y = 105; y < 590; y++) {
      if ((image.getRGB(x, y) & 0xFFFFFF) == color) {
        return y;
      }
    }
    return -1;
  }
}
