package lethe.report.demo;

import java.awt.image.BufferedImage;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import lethe.attack.prompt.SuccessRate;
import lethe.image.PngWriter;

/** The words and pictures of a page. */
final class Html {
  private Html() {}

  /** {@code text} as HTML shows it, in an attribute's value, too. */
  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }

  /** A picture that the page carries itself. */
  static String image(BufferedImage image, String alt) {
    String data = Base64.getEncoder().encodeToString(PngWriter.encode(image, Map.of()));
    return "<img src=\"data:image/png;base64,%s\" width=\"%d\" height=\"%d\" alt=\"%s\">"
        .formatted(data, image.getWidth(), image.getHeight(), escape(alt));
  }

  /** {@code 9 of 10}. */
  static String count(SuccessRate rate) {
    return rate.successes() + " of " + rate.prompts();
  }

  /** {@code 60–98%}: Wilson's interval. */
  static String interval(SuccessRate rate) {
    return format("%.0f–%.0f%%", 100 * rate.interval().low(), 100 * rate.interval().high());
  }

  /** A rate on a track from 0 to 1: its interval as a band, itself as a dot. The text beside it says the same. */
  static String bar(SuccessRate rate) {
    double low = 100 * rate.interval().low();
    double high = 100 * rate.interval().high();
    return format(
        "<div class=\"bar\" aria-hidden=\"true\"><i style=\"left:%.1f%%;width:%.1f%%\"></i>"
            + "<b style=\"left:%.1f%%\"></b></div>",
        low, high - low, 100 * rate.rate());
  }

  /** Whether the two intervals share a value. */
  static boolean overlap(SuccessRate a, SuccessRate b) {
    return a.interval().low() <= b.interval().high() && b.interval().low() <= a.interval().high();
  }

  static String capitalized(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
