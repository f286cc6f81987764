package lethe.text;

import java.util.Map;
import java.util.TreeMap;

/**
 * Character classes and lower case as the reference has them, code point by code point.
 *
 * <p>The JDK decides for every code point it defines; what later versions of Unicode added is looked up in the bundled
 * {@code unicode-additions.txt}.
 */
final class Characters {
  private static final int CAPITAL_I_WITH_DOT = 0x130;
  private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
  private static final int ZERO_WIDTH_JOINER = 0x200D;
  private static final Additions ADDITIONS = Additions.load();

  private Characters() {}

  /** {@code \s}: Unicode's White_Space. */
  static boolean isSpace(int codePoint) {
    return codePoint >= '\t' && codePoint <= '\r' || codePoint == 0x85 || Character.isSpaceChar(codePoint);
  }

  /** {@code \p{L}}. */
  static boolean isLetter(int codePoint) {
    return Character.isDefined(codePoint)
        ? Character.isLetter(codePoint)
        : ADDITIONS.letters().contains(codePoint);
  }

  /** {@code \p{N}}: decimal digits, letter numbers such as Roman ones, and others such as fractions. */
  static boolean isNumber(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
      case Character.UNASSIGNED -> ADDITIONS.numbers().contains(codePoint);
      default -> false;
    };
  }

  /** Whether the code point counts as part of a word ({@code \w}) where an added token must stand alone. */
  static boolean isWord(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> true;
      case Character.CONNECTOR_PUNCTUATION, Character.DECIMAL_DIGIT_NUMBER -> true;
      case Character.FORMAT -> codePoint == ZERO_WIDTH_NON_JOINER || codePoint == ZERO_WIDTH_JOINER;
      default -> isLetter(codePoint) || Character.isAlphabetic(codePoint);
    };
  }

  /**
   * Lower case without regard to the neighbours: a final capital sigma becomes a medial one, unlike in {@link
   * String#toLowerCase()}.
   */
  static String toLowerCase(String text) {
    StringBuilder lower = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            codePoint -> {
              if (codePoint == CAPITAL_I_WITH_DOT) {
                lower.append("i\u0307");
              } else {
                lower.appendCodePoint(lower(codePoint));
              }
            });
    return lower.toString();
  }

  private static int lower(int codePoint) {
    return Character.isDefined(codePoint)
        ? Character.toLowerCase(codePoint)
        : codePoint + ADDITIONS.lowerOffsets().at(codePoint);
  }

  /** A number per code point, zero where none is set. */
  private record Ranges(TreeMap<Integer, int[]> byFirst) {
    int at(int codePoint) {
      Map.Entry<Integer, int[]> range = byFirst.floorEntry(codePoint);
      return range != null && codePoint <= range.getValue()[0] ? range.getValue()[1] : 0;
    }

    boolean contains(int codePoint) {
      return at(codePoint) != 0;
    }
  }

  private record Additions(Ranges letters, Ranges numbers, Ranges lowerOffsets) {
    static Additions load() {
      Additions additions = new Additions(empty(), empty(), empty());
      for (String line : Resources.lines("unicode-additions.txt")) {
        String[] fields = line.split(" ");
        if (!line.startsWith("#")) {
          int value = fields.length > 3 ? Integer.parseInt(fields[3]) : 1;
          int[] lastAndValue = {Integer.parseInt(fields[2], 16), value};
          additions.of(fields[0]).byFirst().put(Integer.parseInt(fields[1], 16), lastAndValue);
        }
      }
      return additions;
    }

    private static Ranges empty() {
      return new Ranges(new TreeMap<>());
    }

    private Ranges of(String kind) {
      return switch (kind) {
        case "letter" -> letters;
        case "number" -> numbers;
        case "lower" -> lowerOffsets;
        default -> throw new IllegalStateException("unicode-additions.txt: " + kind);
      };
    }
  }
}
