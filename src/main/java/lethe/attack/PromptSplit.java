package lethe.attack;

import java.util.regex.Pattern;
import lethe.error.UserException;
import lethe.text.ClipTokenizer;

/**
 * Where a padded prompt is cut for joining: start token, middle (the prompt itself), and the rest, which begins with
 * the end-of-text token.
 *
 * @param length positions in all
 * @param middle positions of the prompt itself
 * @param published whether room for the adversarial embedding is made directly behind the middle, as the published
 *     code does, and not at the end of the padding. Quirk: together with its count of <em>words</em> for {@code middle}
 *     this drops the end of a prompt whose words have several tokens, and the end-of-text token where padding differs
 *     from it
 */
public record PromptSplit(int length, int middle, boolean published) {
  private static final int SHOWN = 60; // characters of a prompt
  private static final Pattern WORD = Pattern.compile("\\S+");

  /**
   * Splits a prompt by its tokens.
   *
   * @throws UserException if it is empty or too long for the text encoder
   */
  public static PromptSplit byTokens(ClipTokenizer tokenizer, String prompt) {
    int tokens = tokenizer.encode(prompt).length;
    if (tokens == 0) {
      throw UserException.usage("the prompt \"" + prompt + "\" has no tokens; name the concept in words");
    }
    return new PromptSplit(tokenizer.maxLength(), tokens, false).checked(prompt, 0);
  }

  /** Splits a prompt by its number of words, as the published code does. */
  public static PromptSplit byWords(ClipTokenizer tokenizer, String prompt) {
    int words = (int) WORD.matcher(prompt).results().count();
    return new PromptSplit(tokenizer.maxLength(), words, true).checked(prompt, 0);
  }

  /**
   * This split, if {@code k} more tokens fit behind start token and middle and leave room for an end.
   *
   * @throws UserException if they do not
   */
  public PromptSplit checked(String prompt, int k) {
    int room = length - 2 - middle;
    if (room < 0) {
      throw UserException.usage(
          "the prompt \"%s\" takes %d positions, %d more than the text encoder has; shorten it"
              .formatted(shown(prompt), middle + 2, -room));
    }
    if (k > room) {
      throw UserException.usage(
          ("the prompt \"%s\" takes %d of the text encoder's %d positions, which leaves room for %d adversarial tokens,"
                  + " not %d; shorten it or lower --adv-prompt-num")
              .formatted(shown(prompt), middle + 2, length, room, k));
    }
    return this;
  }

  private static String shown(String prompt) {
    return prompt.length() <= SHOWN ? prompt : prompt.substring(0, SHOWN) + "...";
  }

  /** The rows an adversarial embedding must have: {@code k}, or one for each of the middle's where it is added. */
  public int rows(Joining joining, int k) {
    return joining == Joining.ADD ? middle : k;
  }
}
