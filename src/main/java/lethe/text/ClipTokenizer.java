package lethe.text;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * CLIP's byte-level BPE tokenizer, giving the same ids as transformers' CLIPTokenizer.
 *
 * <p>Text is brought to NFC, runs of white space become one space, letters become small; then it is split into
 * contractions, runs of letters, single digits and runs of anything else, each encoded on its own. Immutable.
 */
public final class ClipTokenizer {
  private static final Pattern WHITE_SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final String WORD_FORMS = "'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+";
  private static final Pattern WORD = Pattern.compile(WORD_FORMS, Pattern.UNICODE_CHARACTER_CLASS);
  // A special token in capitals is no special token, but once in small letters it does end the run of symbols around it.
  private static final Pattern PIECE =
      Pattern.compile(
          "<\\|startoftext\\|>|<\\|endoftext\\|>|" + WORD_FORMS, Pattern.UNICODE_CHARACTER_CLASS);

  private final BytePairEncoder encoder;
  private final String[] tokens;
  private final List<AddedToken> rawTokens;
  private final List<AddedToken> normalizedTokens;
  private final int bosId;
  private final int eosId;
  private final int padId;
  private final int maxLength;

  ClipTokenizer(TokenizerFiles files) {
    encoder = new BytePairEncoder(files.vocabulary(), files.merges(), files.id(files.unknownToken()));
    // Where two could match at the same place, the longer one does.
    Comparator<AddedToken> longestFirst = Comparator.comparingInt(token -> -token.content().length());
    rawTokens = files.addedTokens().stream().filter(token -> !token.normalized()).sorted(longestFirst).toList();
    normalizedTokens = files.addedTokens().stream().filter(AddedToken::normalized).sorted(longestFirst).toList();
    tokens = files.tokensById();
    bosId = files.id(files.bosToken());
    eosId = files.id(files.eosToken());
    padId = files.id(files.padToken());
    maxLength = files.maxLength();
  }

  /**
   * The tokenizer of a diffusers or transformers tokenizer folder.
   *
   * @throws lethe.error.UserException if a file is missing or malformed
   */
  public static ClipTokenizer load(Path folder) {
    return new ClipTokenizer(TokenizerFiles.read(folder));
  }

  /**
   * OpenAI CLIP's own tokenizer, for checkpoints that carry none. A text encoder with fewer token embeddings gets the
   * vocabulary of the first merges only.
   *
   * @param vocabularySize rows of the text encoder's token embedding
   * @throws lethe.error.UserException if no such vocabulary exists
   */
  public static ClipTokenizer bundled(int vocabularySize) {
    return new ClipTokenizer(BundledVocabulary.ofSize(vocabularySize));
  }

  /** Ids of the text itself, without start, end and padding. */
  public int[] encode(String text) {
    List<Integer> ids = new ArrayList<>();
    split(text, rawTokens, ids, raw -> split(normalize(raw), normalizedTokens, ids, plain -> encodeWords(plain, ids)));
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Start token, the text's ids as far as there is room, end token, padding: {@link #maxLength} ids in all. */
  public int[] encodePadded(String text) {
    int[] ids = encode(text);
    int kept = Math.min(ids.length, maxLength - 2);
    int[] padded = new int[maxLength];
    padded[0] = bosId;
    System.arraycopy(ids, 0, padded, 1, kept);
    padded[kept + 1] = eosId;
    Arrays.fill(padded, kept + 2, maxLength, padId);
    return padded;
  }

  /** The text that the ids stand for; words are separated by one space, special tokens appear as written. */
  public String decode(int[] ids) {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(token(id).replace(BytePairEncoder.END_OF_WORD, " "));
    }
    // Every character that stands for a byte becomes that byte; the spaces above are no such stand-in.
    byte[] bytes = new byte[4 * text.length()];
    int length = 0;
    for (char c : text.toString().strip().toCharArray()) {
      int b = ByteAlphabet.unsignedByte(c);
      byte[] utf8 = b >= 0 ? new byte[] {(byte) b} : String.valueOf(c).getBytes(StandardCharsets.UTF_8);
      System.arraycopy(utf8, 0, bytes, length, utf8.length);
      length += utf8.length;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  /** The token as the vocabulary writes it, such as {@code church</w>}. */
  public String token(int id) {
    if (id < 0 || id >= tokens.length || tokens[id] == null) {
      throw new IllegalArgumentException("no token has the id " + id);
    }
    return tokens[id];
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

  public int vocabularySize() {
    return tokens.length;
  }

  /** Ids in a padded prompt: 77. */
  public int maxLength() {
    return maxLength;
  }

  /** Cuts the added tokens out of {@code text} from left to right and hands what lies between them to {@code plain}. */
  private static void split(String text, List<AddedToken> added, List<Integer> ids, Consumer<String> plain) {
    int start = 0;
    for (int i = 0; i < text.length(); ) {
      AddedToken found = at(text, i, added);
      if (found == null) {
        i++;
        continue;
      }
      plain.accept(text.substring(start, i));
      ids.add(found.id());
      i += found.content().length();
      start = i;
    }
    plain.accept(text.substring(start));
  }

  private static AddedToken at(String text, int index, List<AddedToken> added) {
    for (AddedToken token : added) {
      if (text.startsWith(token.content(), index)) {
        return token;
      }
    }
    return null;
  }

  private static String normalize(String text) {
    String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
    StringBuilder lower = new StringBuilder();
    // Code point by code point, as the reference does: no rule looks at neighbours (a final sigma stays a sigma).
    WHITE_SPACE
        .matcher(composed)
        .replaceAll(" ")
        .codePoints()
        .forEach(point -> lower.append(Character.toString(point).toLowerCase(Locale.ROOT)));
    return lower.toString();
  }

  private void encodeWords(String text, List<Integer> ids) {
    for (Matcher pieces = PIECE.matcher(text); pieces.find(); ) {
      for (Matcher words = WORD.matcher(pieces.group()); words.find(); ) {
        encoder.encode(words.group(), ids);
      }
    }
  }
}
