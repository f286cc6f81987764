package lethe.dataset;

import java.util.List;

/** Whose artwork the pictures are made of, and under which licences: the file that has to go with them. */
final class Attribution {
  private Attribution() {}

  static String of(List<EmojiStyle> styles) {
    StringBuilder text = new StringBuilder("""
        # Artwork

        These pictures are the artwork below, drawn small on white. All but those numbered 00 and those under reference/
        are also moved, scaled and turned a little. The artwork stays under its own licence.

        | style | artwork | licence | source | npm package |
        |---|---|---|---|---|
        """);
    for (EmojiStyle style : styles) {
      text.append("| `%s` | %s | [%s](https://spdx.org/licenses/%s.html) | %s | `%s` %s |\n".formatted(
          style.name(),
          style.artwork(),
          style.licence(),
          style.licence(),
          style.source(),
          style.packageName(),
          style.version()));
    }
    return text.toString();
  }
}
