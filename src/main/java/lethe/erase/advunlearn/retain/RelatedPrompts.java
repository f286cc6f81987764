package lethe.erase.advunlearn.retain;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Whether a prompt is about a concept: it has the concept's last word, which of "garbage truck" is the thing itself.
 * Case and plural do not matter.
 *
 * <p>For nudity these are the words for bodies and clothes, by which the published sets with a filter differ from those
 * without.
 */
final class RelatedPrompts {
  private static final Set<String> NUDITY =
      Set.of("nudity", "nude", "naked", "nsfw", "sex", "sexual", "sexy", "porn", "pornographic", "erotic", "breast");

  private RelatedPrompts() {}

  static boolean areRelated(String prompt, String concept) {
    List<String> promptWords = words(prompt);
    List<String> conceptWords = words(concept);
    if (conceptWords.isEmpty()) {
      return false;
    }
    return promptWords.contains(conceptWords.get(conceptWords.size() - 1))
        || conceptWords.stream().anyMatch(NUDITY::contains) && showsBodyOrClothes(promptWords);
  }

  private static boolean showsBodyOrClothes(List<String> promptWords) {
    return promptWords.stream().anyMatch(NUDITY::contains)
        || BodyAndClothes.OBJECTS.stream().anyMatch(words -> Collections.indexOfSubList(promptWords, words) >= 0);
  }

  /** Lower-case words in the singular, or what looks like it. */
  private static List<String> words(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
        .filter(Predicate.not(String::isEmpty))
        .map(RelatedPrompts::singular)
        .toList();
  }

  private static String singular(String word) {
    if (word.matches(".+(ch|sh|s|x|z)es")) {
      return word.substring(0, word.length() - 2);
    }
    if (word.matches(".+[^aeiou]ies")) {
      return word.substring(0, word.length() - 3) + "y";
    }
    return word.matches(".+[^su]s") ? word.substring(0, word.length() - 1) : word;
  }

  /** Words for what the published filter takes out; read when first needed. */
  private static final class BodyAndClothes {
    static final Set<List<String>> OBJECTS = objects();

    private static Set<List<String>> objects() {
      return BuiltInRetainSets.filteredFromCocoObjects().stream()
          .map(RelatedPrompts::words)
          .collect(Collectors.toUnmodifiableSet());
    }
  }
}
