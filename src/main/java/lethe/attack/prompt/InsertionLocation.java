package lethe.attack.prompt;

import java.util.ArrayList;
import java.util.List;

/** Where the k adversarial tokens stand among a prompt's n tokens; names and meanings of the published attack. */
public enum InsertionLocation {
  /** Before all others. */
  PREFIX_K,

  /** After all others. */
  SUFFIX_K,

  /** Together, behind the first n / 2. */
  MID_K,

  /** One behind every n / (k + 1) tokens. */
  INSERT_K,

  /** One before every three tokens, and the last of them before all that is left. */
  PER_K_WORDS;

  private static final int TOKENS_BETWEEN = 3;

  /**
   * The joined order.
   *
   * @param n tokens of the prompt
   * @param k adversarial tokens
   * @return n + k entries: i for the prompt's token i, {@code -1 - j} for the adversarial token j
   */
  int[] order(int n, int k) {
    List<Integer> order = new ArrayList<>();
    int prompt = 0;
    for (int j = 0; j < k; j++) {
      for (int stop = Math.min(n, before(j, n, k)); prompt < stop; prompt++) {
        order.add(prompt);
      }
      order.add(-1 - j);
    }
    for (; prompt < n; prompt++) {
      order.add(prompt);
    }
    return order.stream().mapToInt(Integer::intValue).toArray();
  }

  /** How many of the prompt's tokens stand before the adversarial token j. */
  private int before(int j, int n, int k) {
    return switch (this) {
      case PREFIX_K -> 0;
      case SUFFIX_K -> n;
      case MID_K -> n / 2;
      case INSERT_K -> (j + 1) * (n / (k + 1));
      case PER_K_WORDS -> j * TOKENS_BETWEEN;
    };
  }
}
