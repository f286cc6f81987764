package lethe.dataset;

/**
 * An icon as its package holds it.
 *
 * @param body SVG elements, without the {@code svg} around them
 * @param width of the part that is shown, in the body's units
 * @param height likewise
 */
record Icon(String body, double width, double height) {
  /** The whole SVG document. */
  String svg() {
    return """
        <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" \
        width="%1$s" height="%2$s" viewBox="0 0 %1$s %2$s">%3$s</svg>""".formatted(width, height, body);
  }
}
