package lethe.text;

/** Makes a Java string text that UTF-8 can spell. */
final class UnpairedSurrogates {
  private static final int REPLACEMENT = 0xFFFD;

  private UnpairedSurrogates() {}

  static String replaced(String text) {
    return text.codePoints()
        .map(codePoint -> Character.getType(codePoint) == Character.SURROGATE ? REPLACEMENT : codePoint)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
