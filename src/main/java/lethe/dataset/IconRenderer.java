package lethe.dataset;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.parser.resources.ResourcePolicy;
import com.github.weisj.jsvg.view.ViewBox;
import java.awt.Color;
import java.awt.Component;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;
import lethe.error.UserException;

/** Draws icons. */
final class IconRenderer {
  /** JSVG logs a stack trace for what is not SVG, and answers null besides. */
  private static final Logger JSVG = Logger.getLogger("com.github.weisj.jsvg");

  static {
    JSVG.setLevel(Level.OFF);
  }

  private IconRenderer() {}

  /**
   * The icon on a white square, as large as fits, centred. What has no colour of its own is black.
   *
   * @param name what messages call it
   * @param side in pixels
   * @throws UserException if the icon is no SVG
   */
  static BufferedImage draw(Icon icon, String name, int side) {
    SVGDocument document = parse(icon, name);
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, side, side);
      graphics.setColor(Color.BLACK);
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      document.render((Component) null, graphics, new ViewBox(0, 0, side, side));
    } finally {
      graphics.dispose();
    }
    return image;
  }

  private static SVGDocument parse(Icon icon, String name) {
    LoaderContext nothingFromOutside =
        LoaderContext.builder().externalResourcePolicy(ResourcePolicy.DENY_ALL).build();
    ByteArrayInputStream svg = new ByteArrayInputStream(icon.svg().getBytes(StandardCharsets.UTF_8));
    SVGDocument document = new SVGLoader().load(svg, null, nothingFromOutside);
    if (document == null) {
      throw UserException.failed("icon %s: is not SVG; install the package again".formatted(name));
    }
    return document;
  }
}
