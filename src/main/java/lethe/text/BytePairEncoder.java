package lethe.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Byte-pair encoding (arXiv 1508.07909) of single words, as CLIP uses it: the last symbol carries {@code </w>}. */
final class BytePairEncoder {
  static final String END_OF_WORD = "</w>";

  /** Two neighbouring symbols. */
  record Pair(String left, String right) {
    String merged() {
      return left + right;
    }
  }

  private final Map<String, Integer> vocabulary;
  private final Map<Pair, Integer> ranks = new HashMap<>();
  private final int unknownId;

  /**
   * @param vocabulary id of every symbol
   * @param merges pairs to join, the most urgent first
   * @param unknownId stands for a symbol that is not in the vocabulary
   */
  BytePairEncoder(Map<String, Integer> vocabulary, List<Pair> merges, int unknownId) {
    this.vocabulary = vocabulary;
    this.unknownId = unknownId;
    for (int rank = 0; rank < merges.size(); rank++) {
      ranks.putIfAbsent(merges.get(rank), rank);
    }
  }

  /** Appends the ids of one word to {@code ids}. */
  void encode(String word, List<Integer> ids) {
    for (String symbol : merge(symbols(word))) {
      ids.add(vocabulary.getOrDefault(symbol, unknownId));
    }
  }

  private static List<String> symbols(String word) {
    List<String> symbols = new ArrayList<>();
    for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
      symbols.add(String.valueOf(ByteAlphabet.symbol(Byte.toUnsignedInt(b))));
    }
    int last = symbols.size() - 1;
    symbols.set(last, symbols.get(last) + END_OF_WORD);
    return symbols;
  }

  /** Joins the neighbours of lowest rank, the leftmost first, until no pair is known. */
  private List<String> merge(List<String> symbols) {
    while (true) {
      int best = Integer.MAX_VALUE;
      int at = -1;
      for (int i = 0; i + 1 < symbols.size(); i++) {
        int rank = ranks.getOrDefault(new Pair(symbols.get(i), symbols.get(i + 1)), Integer.MAX_VALUE);
        if (rank < best) {
          best = rank;
          at = i;
        }
      }
      if (at < 0) {
        return symbols;
      }
      symbols.set(at, symbols.get(at) + symbols.remove(at + 1));
    }
  }
}
