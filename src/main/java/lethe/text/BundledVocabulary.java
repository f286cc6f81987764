package lethe.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lethe.error.UserException;
import lethe.text.TokenizerFiles.SpecialTokens;

/** OpenAI CLIP's vocabulary, which follows from its merges. */
final class BundledVocabulary {
  static final String START_OF_TEXT = "<|startoftext|>";
  static final String END_OF_TEXT = "<|endoftext|>";

  private BundledVocabulary() {}

  static TokenizerFiles files(int vocabularySize, String padToken) {
    List<String> symbols = ByteSymbols.inVocabularyOrder();
    List<Merge> all = merges();
    int withoutMerges = 2 * symbols.size() + 2;
    int kept = vocabularySize - withoutMerges;
    if (kept < 0 || kept > all.size()) {
      throw UserException.failed(
          ("CLIP's vocabulary has from %d to %d tokens, but the token embedding has %d rows;"
                  + " name a diffusers folder with its tokenizer by --config DIR")
              .formatted(withoutMerges, withoutMerges + all.size(), vocabularySize));
    }
    List<Merge> merges = all.subList(0, kept);
    Map<String, Integer> vocabulary = vocabulary(symbols, merges);
    Map<AddedToken, Integer> addedTokens = new HashMap<>();
    for (String token : List.of(START_OF_TEXT, END_OF_TEXT, padToken)) {
      addedTokens.put(AddedToken.special(token), requireId(vocabulary, token));
    }
    SpecialTokens special = new SpecialTokens(START_OF_TEXT, END_OF_TEXT, END_OF_TEXT, padToken);
    return new TokenizerFiles(vocabulary, merges, addedTokens, special, TokenizerFiles.CLIP_MAX_LENGTH);
  }

  private static int requireId(Map<String, Integer> vocabulary, String token) {
    Integer id = vocabulary.get(token);
    if (id == null) {
      throw new IllegalArgumentException("'%s' is not in CLIP's vocabulary".formatted(token));
    }
    return id;
  }

  /** In the order of their ids: every byte, every byte at the end of a word, the merges, the special tokens. */
  private static Map<String, Integer> vocabulary(List<String> symbols, List<Merge> merges) {
    List<String> tokens = new ArrayList<>(symbols);
    symbols.forEach(symbol -> tokens.add(symbol + BytePairEncoder.END_OF_WORD));
    merges.forEach(merge -> tokens.add(merge.left() + merge.right()));
    tokens.addAll(List.of(START_OF_TEXT, END_OF_TEXT));
    Map<String, Integer> ids = new HashMap<>();
    tokens.forEach(token -> ids.put(token, ids.size()));
    return ids;
  }

  private static List<Merge> merges() {
    return Resources.lines("clip-merges.txt").stream()
        .filter(line -> !line.isBlank() && !line.startsWith(TokenizerFolder.MERGES_VERSION))
        .map(Merge::parse)
        .toList();
  }
}
