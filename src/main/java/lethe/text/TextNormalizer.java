package lethe.text;

import java.text.Normalizer;

/** What CLIP does to text before splitting it: compose (NFC), collapse white space to one space, lower-case. */
final class TextNormalizer {
  private TextNormalizer() {}

  static String normalize(String text) {
    return Characters.toLowerCase(collapseSpace(Normalizer.normalize(text, Normalizer.Form.NFC)));
  }

  private static String collapseSpace(String text) {
    StringBuilder collapsed = new StringBuilder(text.length());
    boolean inSpace = false;
    for (int i = 0; i < text.length(); i++) {
      // All white space lies in the basic plane: no surrogate is one.
      boolean space = Characters.isSpace(text.charAt(i));
      if (!space) {
        collapsed.append(text.charAt(i));
      } else if (!inSpace) {
        collapsed.append(' ');
      }
      inSpace = space;
    }
    return collapsed.toString();
  }
}
