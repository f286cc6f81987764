package lethe.text;

import java.util.List;
import java.util.Map;

/**
 * What the files of a tokenizer say.
 *
 * @param vocabulary id of every token that BPE can give
 * @param merges earliest first
 * @param addedTokens with their ids; each content once
 * @param special each is in the vocabulary or an added token
 * @param maxLength in tokens, start and end included
 */
record TokenizerFiles(
    Map<String, Integer> vocabulary,
    List<Merge> merges,
    Map<AddedToken, Integer> addedTokens,
    SpecialTokens special,
    int maxLength) {
  /** Positions of CLIP's text encoder. */
  static final int CLIP_MAX_LENGTH = 77;

  /** The tokens with a part to play, as they are written. */
  record SpecialTokens(String bos, String eos, String unknown, String pad) {}
}
