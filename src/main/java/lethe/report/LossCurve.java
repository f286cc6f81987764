package lethe.report;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import lethe.image.PngWriter;

/**
 * A picture of losses over the steps of a training.
 *
 * <p>Losses at random timesteps jump from step to step, so behind each line lies the loss itself, pale, and the line is
 * its moving average.
 */
public final class LossCurve {
  private static final int WIDTH = 1200;
  private static final int HEIGHT = 675;
  private static final int LEFT = 105;
  private static final int RIGHT = 1170;
  private static final int TOP = 105;
  private static final int BOTTOM = 590;
  private static final int TICK = 6;
  private static final int LEGEND_LINE = 34;

  /** Length of the line that a value alone is drawn as: with round ends, a dot. */
  private static final double DOT = 0.01;

  private static final float LINE_WIDTH = 3;

  /** Of the steps, how many a moving average covers: one part in this. */
  private static final int AVERAGED_SHARE = 40;

  private static final Font PLAIN = new Font(Font.SANS_SERIF, Font.PLAIN, 18);
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 22);
  private static final Color INK = new Color(0x222222);
  private static final Color GRID = new Color(0xE3E3E3);

  /** Okabe and Ito's colours, which the colour-blind can tell apart; the palest are left out. */
  private static final Color[] COLORS = {
    new Color(0x0072B2), new Color(0xD55E00), new Color(0x009E73), new Color(0xCC79A7), new Color(0xE69F00)
  };

  private final String title;
  private final String stepName;
  private final String valueName;
  private final List<Series> lines = new ArrayList<>();

  /** A loss that was measured at some steps, which rise; values that are not finite leave a gap. */
  private record Series(String name, double[] steps, double[] values) {
    Series smoothed() {
      int reach = values.length / AVERAGED_SHARE / 2;
      double[] smooth = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        double sum = 0;
        int count = 0;
        for (int j = Math.max(0, i - reach); j <= Math.min(values.length - 1, i + reach); j++) {
          if (Double.isFinite(values[j])) {
            sum += values[j];
            count++;
          }
        }
        smooth[i] = Double.isFinite(values[i]) ? sum / count : Double.NaN;
      }
      return new Series(name, steps, smooth);
    }
  }

  /**
   * @param stepName what the horizontal axis counts, such as {@code outer iteration}
   * @param valueName what the vertical axis measures, such as {@code loss (mean squared error)}
   */
  public LossCurve(String title, String stepName, String valueName) {
    this.title = title;
    this.stepName = stepName;
    this.valueName = valueName;
  }

  /**
   * Adds a loss, of which any number of steps may be missing.
   *
   * @param steps rising
   * @param values as many as steps
   */
  public LossCurve add(String name, double[] steps, double[] values) {
    if (steps.length != values.length) {
      throw new IllegalArgumentException(name + ": " + steps.length + " steps but " + values.length + " values");
    }
    if (lines.size() == COLORS.length) {
      throw new IllegalArgumentException("a chart has at most " + COLORS.length + " lines");
    }
    lines.add(new Series(name, steps.clone(), values.clone()));
    return this;
  }

  /**
   * Draws the chart into a PNG file.
   *
   * @param text chunks of the file by keyword
   * @throws lethe.error.UserException if the file cannot be written
   */
  public void write(Path file, Map<String, String> text) {
    PngWriter.write(file, draw(), text);
  }

  BufferedImage draw() {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D canvas = image.createGraphics();
    try {
      canvas.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      canvas.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      canvas.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      canvas.setColor(Color.WHITE);
      canvas.fillRect(0, 0, WIDTH, HEIGHT);
      Axis x = stepAxis();
      Axis y = valueAxis();
      drawGrid(canvas, x, y);
      drawNames(canvas);
      drawLegend(canvas);
      canvas.clipRect(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP);
      for (int i = 0; i < lines.size(); i++) {
        drawLine(canvas, lines.get(i), COLORS[i], x, y);
      }
    } finally {
      canvas.dispose();
    }
    return image;
  }

  private Axis stepAxis() {
    double first = lines.stream().flatMapToDouble(line -> Arrays.stream(line.steps())).min().orElse(0);
    double last = lines.stream().flatMapToDouble(line -> Arrays.stream(line.steps())).max().orElse(1);
    return Axis.ofSteps(first, last);
  }

  private Axis valueAxis() {
    double[] finite =
        lines.stream()
            .flatMapToDouble(line -> Arrays.stream(line.values()))
            .filter(Double::isFinite)
            .sorted()
            .toArray();
    return finite.length == 0 ? Axis.ofValues(0, 1) : Axis.ofValues(finite[0], finite[finite.length - 1]);
  }

  private static void drawGrid(Graphics2D canvas, Axis x, Axis y) {
    canvas.setFont(PLAIN);
    FontMetrics metrics = canvas.getFontMetrics();
    for (double tick : y.ticks()) {
      double at = placeY(y, tick);
      canvas.setColor(GRID);
      canvas.draw(new Line2D.Double(LEFT, at, RIGHT, at));
      canvas.setColor(INK);
      String label = Axis.label(tick);
      canvas.drawString(
          label, LEFT - TICK - 4 - metrics.stringWidth(label), (float) at + metrics.getAscent() / 2f - 2);
    }
    for (double tick : x.ticks()) {
      double at = placeX(x, tick);
      canvas.setColor(INK);
      canvas.draw(new Line2D.Double(at, BOTTOM, at, BOTTOM + TICK));
      String label = Axis.label(tick);
      canvas.drawString(
          label, (float) at - metrics.stringWidth(label) / 2f, BOTTOM + TICK + 4 + metrics.getAscent());
    }
    canvas.draw(new Line2D.Double(LEFT, TOP, LEFT, BOTTOM));
    canvas.draw(new Line2D.Double(LEFT, BOTTOM, RIGHT, BOTTOM));
  }

  private void drawNames(Graphics2D canvas) {
    canvas.setColor(INK);
    canvas.setFont(TITLE);
    canvas.drawString(title, LEFT, 42);
    canvas.setFont(PLAIN);
    FontMetrics metrics = canvas.getFontMetrics();
    canvas.drawString(stepName, (LEFT + RIGHT - metrics.stringWidth(stepName)) / 2, HEIGHT - 22);
    AffineTransform upright = canvas.getTransform();
    canvas.rotate(-Math.PI / 2);
    canvas.drawString(valueName, -(TOP + BOTTOM + metrics.stringWidth(valueName)) / 2, 30);
    canvas.setTransform(upright);
  }

  private void drawLegend(Graphics2D canvas) {
    FontMetrics metrics = canvas.getFontMetrics();
    int at = LEFT;
    for (int i = 0; i < lines.size(); i++) {
      String name = lines.get(i).name();
      canvas.setColor(COLORS[i]);
      canvas.setStroke(new BasicStroke(LINE_WIDTH));
      canvas.draw(new Line2D.Double(at, 74, at + LEGEND_LINE, 74));
      canvas.setColor(INK);
      canvas.drawString(name, at + LEGEND_LINE + 8, 80);
      at += LEGEND_LINE + 8 + metrics.stringWidth(name) + 30;
    }
  }

  private static void drawLine(Graphics2D canvas, Series line, Color color, Axis x, Axis y) {
    canvas.setColor(color);
    canvas.setStroke(new BasicStroke(1));
    canvas.setComposite(AlphaComposite.SrcOver.derive(0.3f));
    canvas.draw(path(line, x, y));
    canvas.setStroke(new BasicStroke(LINE_WIDTH, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    canvas.setComposite(AlphaComposite.SrcOver);
    canvas.draw(path(line.smoothed(), x, y));
  }

  private static Path2D path(Series line, Axis x, Axis y) {
    Path2D path = new Path2D.Double();
    boolean drawing = false;
    for (int i = 0; i < line.steps().length; i++) {
      double value = line.values()[i];
      if (!Double.isFinite(value)) {
        drawing = false;
        continue;
      }
      double atX = placeX(x, line.steps()[i]);
      double atY = placeY(y, value);
      if (!drawing) {
        path.moveTo(atX, atY);
      }
      path.lineTo(atX + DOT, atY);
      drawing = true;
    }
    return path;
  }

  private static double placeX(Axis axis, double value) {
    return LEFT + axis.position(value) * (RIGHT - LEFT);
  }

  private static double placeY(Axis axis, double value) {
    return BOTTOM - axis.position(value) * (BOTTOM - TOP);
  }
}
