package lethe.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The printable characters that stand for the 256 bytes in byte-level BPE vocabularies: a printable Latin-1 character
 * for itself, the others for U+0100 and on.
 */
final class ByteSymbols {
  private static final int BYTES = 256;
  private static final char[] OF_BYTE = new char[BYTES];
  private static final Map<Character, Integer> BYTE_OF = new HashMap<>();
  private static final List<String> IN_VOCABULARY_ORDER = new ArrayList<>();

  static {
    char next = BYTES;
    for (int value = 0; value < BYTES; value++) {
      OF_BYTE[value] = isPrintable(value) ? (char) value : next++;
      BYTE_OF.put(OF_BYTE[value], value);
    }
    IntStream.range(0, next)
        .filter(symbol -> BYTE_OF.containsKey((char) symbol))
        .forEach(symbol -> IN_VOCABULARY_ORDER.add(Character.toString(symbol)));
  }

  private ByteSymbols() {}

  private static boolean isPrintable(int latin1) {
    return latin1 >= '!' && latin1 <= '~' || latin1 >= 0xA1 && latin1 <= 0xFF && latin1 != 0xAD;
  }

  /** The symbols in the order of their ids in CLIP's vocabulary: by code point. */
  static List<String> inVocabularyOrder() {
    return List.copyOf(IN_VOCABULARY_ORDER);
  }

  /** The UTF-8 bytes of {@code text} as symbols, one character each. */
  static String encode(String text) {
    StringBuilder symbols = new StringBuilder();
    for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
      symbols.append(OF_BYTE[Byte.toUnsignedInt(value)]);
    }
    return symbols.toString();
  }

  /** The text whose UTF-8 bytes the tokens spell; malformed bytes become U+FFFD. */
  static String decode(List<String> tokens) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String token : tokens) {
      bytes.writeBytes(bytesOf(token));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static byte[] bytesOf(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      Integer value = BYTE_OF.get(token.charAt(i));
      if (value == null) {
        // Not made of symbols: an added token, spelled as it is.
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = value.byteValue();
    }
    return bytes;
  }
}
