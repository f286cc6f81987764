package lethe.erase.forgetmenot;

import java.util.Arrays;
import lethe.error.UserException;
import lethe.text.ClipTokenizer;

/** Finds the token positions whose attention is steered away. */
public final class ConceptPositions {
  private ConceptPositions() {}

  /**
   * Marks every run of the concept's token ids in the padded prompt, and with {@code usePooler} every end-of-text
   * position as well: SD 1.x pads with that token, so all padding counts; SD 2.x pads with {@code !}, so only one does.
   *
   * @return one flag for each of the prompt's padded positions
   * @throws UserException if the concept's tokens do not occur in its prompt
   */
  public static boolean[] find(ClipTokenizer tokenizer, Concept concept, boolean usePooler) {
    int[] promptIds = tokenizer.encodePadded(concept.prompt());
    int[] conceptIds = tokenizer.encode(concept.name());
    boolean[] positions = new boolean[promptIds.length];
    if (!markRuns(promptIds, conceptIds, positions)) {
      throw UserException.usage(
          "the concept \"" + concept.name() + "\" does not occur in the prompt \"" + concept.prompt()
              + "\"; write a prompt that names it, with " + Concept.PLACEHOLDER + " in its place");
    }
    if (usePooler) {
      for (int i = 0; i < promptIds.length; i++) {
        positions[i] |= promptIds[i] == tokenizer.eosId();
      }
    }
    return positions;
  }

  private static boolean markRuns(int[] promptIds, int[] conceptIds, boolean[] positions) {
    boolean found = false;
    for (int i = 0; conceptIds.length > 0 && i + conceptIds.length <= promptIds.length; i++) {
      if (Arrays.equals(promptIds, i, i + conceptIds.length, conceptIds, 0, conceptIds.length)) {
        Arrays.fill(positions, i, i + conceptIds.length, true);
        found = true;
      }
    }
    return found;
  }
}
