package lethe.text;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Splits normalised text into the words that BPE works on, as CLIP's regular expression does:
 *
 * <pre>{@code <\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+}</pre>
 *
 * White space belongs to no word. Written out rather than left to {@link java.util.regex}: its classes follow the JDK's
 * version of Unicode.
 */
final class WordSplitter {
  private static final List<String> MARKERS = List.of(BundledVocabulary.START_OF_TEXT, BundledVocabulary.END_OF_TEXT);
  private static final List<String> CONTRACTIONS = List.of("'s", "'t", "'re", "'ve", "'m", "'ll", "'d");

  private WordSplitter() {}

  static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int end = endOfWord(text, start);
      String word = text.substring(start, end);
      if (MARKERS.contains(word)) {
        // The byte-level step splits once more, by an expression that does not know the markers.
        words.addAll(List.of("<|", word.substring(2, word.length() - 2), "|>"));
      } else if (!Characters.isSpace(word.codePointAt(0))) {
        words.add(word);
      }
      start = end;
    }
    return words;
  }

  private static int endOfWord(String text, int start) {
    for (List<String> literals : List.of(MARKERS, CONTRACTIONS)) {
      for (String literal : literals) {
        if (text.startsWith(literal, start)) {
          return start + literal.length();
        }
      }
    }
    int first = text.codePointAt(start);
    if (Characters.isLetter(first)) {
      return endOfRun(text, start, Characters::isLetter);
    }
    if (Characters.isNumber(first) || Characters.isSpace(first)) {
      return start + Character.charCount(first);
    }
    return endOfRun(text, start, WordSplitter::isOther);
  }

  private static boolean isOther(int codePoint) {
    return !Characters.isSpace(codePoint) && !Characters.isLetter(codePoint) && !Characters.isNumber(codePoint);
  }

  private static int endOfRun(String text, int start, IntPredicate belongs) {
    int end = start;
    while (end < text.length() && belongs.test(text.codePointAt(end))) {
      end += Character.charCount(text.codePointAt(end));
    }
    return end;
  }
}
