package lethe.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds added tokens in text: the leftmost first, and of those that start at the same place the longest. */
final class AddedTokenMatcher {
  /** A piece of text: an added token with its id, or what lies between added tokens ({@code id} is empty). */
  record Piece(String text, Optional<Integer> id) {}

  private record Pattern(String text, int id, boolean singleWord) {}

  private final List<Pattern> raw = new ArrayList<>();
  private final List<Pattern> normalized = new ArrayList<>();

  AddedTokenMatcher(Map<AddedToken, Integer> ids) {
    ids.forEach(
        (token, id) -> {
          String text = token.normalized() ? TextNormalizer.normalize(token.content()) : token.content();
          (token.normalized() ? normalized : raw).add(new Pattern(text, id, token.singleWord()));
        });
    Comparator<Pattern> longestFirst = Comparator.comparingInt((Pattern pattern) -> pattern.text().length()).reversed();
    raw.sort(longestFirst);
    normalized.sort(longestFirst);
  }

  /** Splits {@code text} at its added tokens and normalises what lies between them. */
  List<Piece> split(String text) {
    List<Piece> pieces = new ArrayList<>();
    for (Piece piece : split(text, raw)) {
      if (piece.id().isPresent()) {
        pieces.add(piece);
      } else {
        pieces.addAll(split(TextNormalizer.normalize(piece.text()), normalized));
      }
    }
    return pieces;
  }

  private static List<Piece> split(String text, List<Pattern> patterns) {
    List<Piece> pieces = new ArrayList<>();
    int done = 0;
    int at = 0;
    while (at < text.length()) {
      Optional<Pattern> match = longestAt(text, at, patterns);
      if (match.isEmpty()) {
        at++;
        continue;
      }
      int end = at + match.get().text().length();
      if (!match.get().singleWord() || standsAlone(text, at, end)) {
        addPlain(pieces, text.substring(done, at));
        pieces.add(new Piece(text.substring(at, end), Optional.of(match.get().id())));
        done = end;
      }
      at = end;
    }
    addPlain(pieces, text.substring(done));
    return pieces;
  }

  private static void addPlain(List<Piece> pieces, String text) {
    if (!text.isEmpty()) {
      pieces.add(new Piece(text, Optional.empty()));
    }
  }

  private static Optional<Pattern> longestAt(String text, int at, List<Pattern> patterns) {
    return patterns.stream().filter(pattern -> text.startsWith(pattern.text(), at)).findFirst();
  }

  private static boolean standsAlone(String text, int start, int end) {
    return (start == 0 || !Characters.isWord(text.codePointBefore(start)))
        && (end == text.length() || !Characters.isWord(text.codePointAt(end)));
  }
}
