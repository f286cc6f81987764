package lethe.text;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import lethe.error.UserException;

/**
 * CLIP's tokenizer: byte-level BPE over lower-cased words, id for id what the {@code CLIPTokenizer} of transformers
 * gives. Immutable, and safe to share between threads.
 */
public final class ClipTokenizer {
  private final BytePairEncoder bytePairs;
  private final AddedTokenMatcher addedTokens;
  private final Map<Integer, String> tokens = new HashMap<>();
  private final int bosId;
  private final int eosId;
  private final int padId;
  private final int maxLength;

  /**
   * @throws IllegalArgumentException if a merge does not fit the vocabulary
   */
  private ClipTokenizer(TokenizerFiles files) {
    Map<String, Integer> ids = new HashMap<>(files.vocabulary());
    files.addedTokens().forEach((token, id) -> ids.put(token.content(), id));
    ids.forEach((token, id) -> tokens.put(id, token));
    bosId = ids.get(files.special().bos());
    eosId = ids.get(files.special().eos());
    padId = ids.get(files.special().pad());
    maxLength = files.maxLength();
    addedTokens = new AddedTokenMatcher(files.addedTokens());
    bytePairs = new BytePairEncoder(files.vocabulary(), files.merges(), ids.get(files.special().unknown()));
  }

  /**
   * Loads the {@code tokenizer} folder of a diffusers pipeline: {@code tokenizer.json}, or {@code vocab.json} and
   * {@code merges.txt}; with {@code tokenizer_config.json}, {@code special_tokens_map.json} and {@code
   * added_tokens.json} where present.
   *
   * @throws UserException if a file is missing, is malformed, or does not fit the others
   */
  public static ClipTokenizer load(Path folder) {
    TokenizerFolder tokenizer = TokenizerFolder.open(folder);
    try {
      return new ClipTokenizer(tokenizer.files());
    } catch (IllegalArgumentException e) {
      throw JsonFile.damaged(tokenizer.mergesFile(), e.getMessage());
    }
  }

  /** As {@link #bundled(int, String)}, padding with the end token as Stable Diffusion 1.x does. */
  public static ClipTokenizer bundled(int vocabularySize) {
    return bundled(vocabularySize, BundledVocabulary.END_OF_TEXT);
  }

  /**
   * CLIP's own vocabulary, bundled, for a model that comes without tokenizer files: whole (49,408 tokens) or cut to its
   * first merges.
   *
   * @param vocabularySize rows of the text encoder's token embedding
   * @param padToken {@code <|endoftext|>} for Stable Diffusion 1.x, {@code !} for 2.x
   * @throws UserException if CLIP's vocabulary cannot have that size
   * @throws IllegalArgumentException if {@code padToken} is not in it
   */
  public static ClipTokenizer bundled(int vocabularySize, String padToken) {
    return new ClipTokenizer(BundledVocabulary.files(vocabularySize, padToken));
  }

  /**
   * The ids of {@code text}, however many, without start, end and padding. Special and added tokens written in the text
   * are recognised. An unpaired surrogate counts as U+FFFD.
   */
  public int[] encode(String text) {
    return addedTokens.split(UnpairedSurrogates.replaced(text)).stream()
        .flatMapToInt(piece -> piece.id().map(IntStream::of).orElseGet(() -> encodePlain(piece.text())))
        .toArray();
  }

  private IntStream encodePlain(String normalized) {
    return WordSplitter.split(normalized).stream()
        .flatMapToInt(word -> Arrays.stream(bytePairs.encode(ByteSymbols.encode(word))));
  }

  /**
   * What the text encoder is given: start, the ids of {@code text} cut to fit, end, and padding.
   *
   * @return {@link #maxLength} ids
   */
  public int[] encodePadded(String text) {
    int[] ids = encode(text);
    int kept = Math.min(ids.length, maxLength - 2);
    int[] padded = new int[maxLength];
    Arrays.fill(padded, padId);
    padded[0] = bosId;
    System.arraycopy(ids, 0, padded, 1, kept);
    padded[kept + 1] = eosId;
    return padded;
  }

  /**
   * The text that the ids spell, lower-cased and with one space after each word; special tokens appear as they are
   * written, ids without a token are passed over.
   */
  public String decode(int[] ids) {
    List<String> spelled =
        Arrays.stream(ids).mapToObj(id -> Optional.ofNullable(tokens.get(id))).flatMap(Optional::stream).toList();
    return ByteSymbols.decode(spelled).replace(BytePairEncoder.END_OF_WORD, " ").strip();
  }

  /**
   * The token of an id as the vocabulary spells it, such as {@code church</w>}.
   *
   * @throws IllegalArgumentException if no token has that id
   */
  public String token(int id) {
    String token = tokens.get(id);
    if (token == null) {
      throw new IllegalArgumentException("no token has the id " + id);
    }
    return token;
  }

  public int bosId() {
    return bosId;
  }

  public int eosId() {
    return eosId;
  }

  public int padId() {
    return padId;
  }

  /** Number of tokens, added ones included: the rows that the text encoder's token embedding must have. */
  public int vocabularySize() {
    return tokens.size();
  }

  /** Length of {@link #encodePadded}: 77 for CLIP. */
  public int maxLength() {
    return maxLength;
  }
}
