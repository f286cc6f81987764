package lethe.attack.prompt;

import java.util.Arrays;
import java.util.stream.IntStream;
import lethe.error.UserException;
import lethe.text.ClipTokenizer;
import org.bytedeco.pytorch.Tensor;

/** A prompt's token ids with slots for those that an attack chooses. */
final class PromptTemplate {
  private final ClipTokenizer tokenizer;
  private final int[] content; // without start, end and padding; anything in the slots
  private final int[] slots; // slots[j]: where the adversarial token j stands in content

  private PromptTemplate(ClipTokenizer tokenizer, int[] content, int[] slots) {
    this.tokenizer = tokenizer;
    this.content = content;
    this.slots = slots;
  }

  /**
   * A prompt with k more tokens.
   *
   * @throws UserException if they do not fit
   */
  static PromptTemplate inserting(ClipTokenizer tokenizer, String prompt, int k, InsertionLocation location) {
    int[] ids = tokenizer.encode(prompt);
    requireRoom(tokenizer, prompt, ids.length + k, k);
    int[] order = location.order(ids.length, k);
    int[] content = Arrays.stream(order).map(at -> at < 0 ? tokenizer.eosId() : ids[at]).toArray();
    int[] slots = new int[k];
    IntStream.range(0, order.length).filter(i -> order[i] < 0).forEach(i -> slots[-1 - order[i]] = i);
    return new PromptTemplate(tokenizer, content, slots);
  }

  /**
   * A prompt with k tokens in the place of a concept's name, at its first occurrence; before all others if the name
   * does not occur.
   *
   * @throws UserException if they do not fit
   */
  static PromptTemplate replacing(ClipTokenizer tokenizer, String prompt, String concept, int k) {
    int[] ids = tokenizer.encode(prompt);
    int[] name = tokenizer.encode(concept);
    int at = indexOf(ids, name);
    if (at < 0) {
      return inserting(tokenizer, prompt, k, InsertionLocation.PREFIX_K);
    }
    int length = ids.length - name.length + k;
    requireRoom(tokenizer, prompt, length, k);
    int[] content = new int[length];
    System.arraycopy(ids, 0, content, 0, at);
    System.arraycopy(ids, at + name.length, content, at + k, length - at - k);
    return new PromptTemplate(tokenizer, content, IntStream.range(at, at + k).toArray());
  }

  private static int indexOf(int[] ids, int[] run) {
    for (int i = 0; run.length > 0 && i + run.length <= ids.length; i++) {
      if (Arrays.equals(ids, i, i + run.length, run, 0, run.length)) {
        return i;
      }
    }
    return -1;
  }

  private static void requireRoom(ClipTokenizer tokenizer, String prompt, int length, int k) {
    int room = tokenizer.maxLength() - 2; // start and end of text
    if (length > room) {
      throw UserException.failed(
          "the prompt \"%s\" has %d tokens with %d adversarial ones, only %d fit; shorten it or lower --k"
              .formatted(prompt, length, k, room));
    }
  }

  int k() {
    return slots.length;
  }

  /** Positions of the slots in the padded ids, int64 [k]; owned by the current scope. */
  Tensor positions() {
    return Tensor.create(Arrays.stream(slots).mapToLong(slot -> slot + 1).toArray(), slots.length);
  }

  /** What the text encoder is given, int64 [1, T], with {@code tokens} in the slots; owned by the current scope. */
  Tensor padded(int[] tokens) {
    long[] padded = new long[tokenizer.maxLength()];
    Arrays.fill(padded, tokenizer.padId());
    padded[0] = tokenizer.bosId();
    int[] filled = filled(tokens);
    for (int i = 0; i < filled.length; i++) {
      padded[i + 1] = filled[i];
    }
    padded[filled.length + 1] = tokenizer.eosId();
    return Tensor.create(padded, 1, padded.length);
  }

  /** As {@link #padded(int[])} with some token in the slots, for embeddings that are put there afterwards. */
  Tensor paddedWithSlots() {
    return padded(Arrays.stream(slots).map(slot -> tokenizer.eosId()).toArray());
  }

  /** The prompt as text, with {@code tokens} in the slots. End-of-text tokens spell nothing, as published. */
  String text(int[] tokens) {
    return tokenizer.decode(Arrays.stream(filled(tokens)).filter(id -> id != tokenizer.eosId()).toArray());
  }

  /** The prompt as text, with a name for what no token spells in the slots. */
  String text(String placeholder) {
    int first = Arrays.stream(slots).min().orElseThrow();
    int[] before = Arrays.copyOf(content, first);
    int[] after = Arrays.copyOfRange(content, first + slots.length, content.length);
    return String.join(" ", tokenizer.decode(before), placeholder, tokenizer.decode(after)).strip();
  }

  private int[] filled(int[] tokens) {
    if (tokens.length != slots.length) {
      throw new IllegalArgumentException(tokens.length + " tokens for " + slots.length + " slots");
    }
    int[] filled = content.clone();
    for (int j = 0; j < slots.length; j++) {
      filled[slots[j]] = tokens[j];
    }
    return filled;
  }
}
