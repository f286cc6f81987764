package lethe.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Byte pair encoding of one word: starting from its characters, the pair of neighbours with the earliest merge is
 * replaced by what it merges to, the leftmost first, until no pair has a merge.
 */
final class BytePairEncoder {
  static final String END_OF_WORD = "</w>";

  private static final int NO_MERGE = Integer.MAX_VALUE;

  private final Map<String, Integer> vocabulary;
  private final Map<Long, Integer> rankOfPair = new HashMap<>();
  private final int[] idOfMerge;
  private final int unknownId;

  /**
   * @param vocabulary ids of the tokens
   * @param merges pairs of tokens, earliest merge first
   * @param unknownId what stands for a character that the vocabulary lacks
   * @throws IllegalArgumentException naming the first merge whose parts or result are not in the vocabulary
   */
  BytePairEncoder(Map<String, Integer> vocabulary, List<Merge> merges, int unknownId) {
    this.vocabulary = vocabulary;
    this.unknownId = unknownId;
    idOfMerge = new int[merges.size()];
    for (int rank = 0; rank < idOfMerge.length; rank++) {
      Merge merge = merges.get(rank);
      rankOfPair.put(pair(idOf(merge.left(), merge), idOf(merge.right(), merge)), rank);
      idOfMerge[rank] = idOf(merge.left() + merge.right(), merge);
    }
  }

  private int idOf(String token, Merge merge) {
    Integer id = vocabulary.get(token);
    if (id == null) {
      throw new IllegalArgumentException(
          "the merge '%s %s' needs the token '%s', which the vocabulary lacks"
              .formatted(merge.left(), merge.right(), token));
    }
    return id;
  }

  private static long pair(int left, int right) {
    return (long) left << Integer.SIZE | right;
  }

  /**
   * @param word one character per byte, as {@link ByteSymbols} has them; not empty
   */
  int[] encode(String word) {
    int[] ids = new int[word.length()];
    for (int i = 0; i < ids.length; i++) {
      String symbol = word.substring(i, i + 1);
      ids[i] = vocabulary.getOrDefault(i == ids.length - 1 ? symbol + END_OF_WORD : symbol, unknownId);
    }
    // ranks[i] belongs to the pair (ids[i], ids[i + 1]); the last token begins no pair.
    int[] ranks = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      ranks[i] = rank(ids, i, ids.length);
    }
    int length = ids.length;
    for (int at = lowest(ranks, length); ranks[at] != NO_MERGE; at = lowest(ranks, length)) {
      ids[at] = idOfMerge[ranks[at]];
      length--;
      System.arraycopy(ids, at + 2, ids, at + 1, length - at - 1);
      System.arraycopy(ranks, at + 2, ranks, at + 1, length - at - 1);
      ranks[at] = rank(ids, at, length);
      if (at > 0) {
        ranks[at - 1] = rank(ids, at - 1, length);
      }
    }
    return Arrays.copyOf(ids, length);
  }

  private int rank(int[] ids, int at, int length) {
    return at + 1 < length ? rankOfPair.getOrDefault(pair(ids[at], ids[at + 1]), NO_MERGE) : NO_MERGE;
  }

  /** Index of the leftmost smallest rank. */
  private static int lowest(int[] ranks, int length) {
    int best = 0;
    for (int i = 1; i < length; i++) {
      if (ranks[i] < ranks[best]) {
        best = i;
      }
    }
    return best;
  }
}
