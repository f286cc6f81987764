package lethe.text;

/**
 * The printable stand-ins of the 256 byte values that byte-level BPE works on (GPT-2's {@code bytes_to_unicode}): a
 * printable Latin-1 byte stands for itself, every other one for the next code point from 256 on.
 */
final class ByteAlphabet {
  private static final int SIZE = 256;
  private static final char[] SYMBOLS = new char[SIZE];
  private static final char[] VOCABULARY_ORDER = new char[SIZE];

  static {
    int printable = 0;
    for (int b = 0; b < SIZE; b++) {
      if (isPrintable(b)) {
        SYMBOLS[b] = (char) b;
        VOCABULARY_ORDER[printable++] = (char) b;
      }
    }
    int next = SIZE;
    for (int b = 0; b < SIZE; b++) {
      if (!isPrintable(b)) {
        SYMBOLS[b] = (char) next++;
        VOCABULARY_ORDER[printable++] = SYMBOLS[b];
      }
    }
  }

  private ByteAlphabet() {}

  /** The stand-in of a byte, given as 0..255. */
  static char symbol(int unsignedByte) {
    return SYMBOLS[unsignedByte];
  }

  /** The byte of a stand-in, 0..255, or -1 for a character that is none. */
  static int unsignedByte(char symbol) {
    for (int b = 0; b < SIZE; b++) {
      if (SYMBOLS[b] == symbol) {
        return b;
      }
    }
    return -1;
  }

  /** All stand-ins in the order in which CLIP's vocabulary begins. */
  static char[] vocabularyOrder() {
    return VOCABULARY_ORDER.clone();
  }

  private static boolean isPrintable(int b) {
    return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
  }
}
