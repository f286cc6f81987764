package lethe.report.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with places such as {@code {{pictures}}}, among the resources of this package. */
final class Template {
  private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

  private final String text;

  Template(String resource) {
    try (InputStream in = Template.class.getResourceAsStream(resource)) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The text with every place filled; what is filled in is not read again.
   *
   * @throws IllegalArgumentException if a place has no value
   */
  String fill(Map<String, String> values) {
    return PLACE.matcher(text).replaceAll(place -> Matcher.quoteReplacement(value(place, values)));
  }

  private static String value(MatchResult place, Map<String, String> values) {
    String value = values.get(place.group(1));
    if (value == null) {
      throw new IllegalArgumentException("nothing fills " + place.group());
    }
    return value;
  }
}
