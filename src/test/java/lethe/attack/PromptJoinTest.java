package lethe.attack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import lethe.error.UserException;
import lethe.tensor.Scope;
import lethe.text.ClipTokenizer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every position after joining, on prompts of ten positions: start 0, prompt 1 to n, end n + 1, padding behind. */
class PromptJoinTest {
  @ParameterizedTest
  @CsvSource({
    // joining, n, k, expected: adversarial rows are a, b, c
    "PREFIX_K,    3, 2, 0 a b 1 2 3 4 5 6 7",
    "SUFFIX_K,    3, 2, 0 1 2 3 a b 4 5 6 7",
    "REPLACE_K,   3, 2, 0 a b 4 5 6 7 9 9 9",
    "MID_K,       3, 2, 0 1 a b 2 3 4 5 6 7",
    "INSERT_K,    3, 2, 0 1 a 2 b 3 4 5 6 7",
    "INSERT_K,    2, 2, 0 a b 1 2 3 4 5 6 7",
    "PER_K_WORDS, 5, 2, 0 a 1 2 3 b 4 5 6 7",
    "PER_K_WORDS, 2, 3, 0 a 1 2 b c 3 4 5 6",
    "PER_K_WORDS, 4, 1, 0 a 1 2 3 4 5 6 7 8",
  })
  void putsEveryPositionWhereItBelongs(Joining joining, int n, int k, String expected) {
    assertJoined(expected, joining, new PromptSplit(10, n, false), k);
  }

  /** As published: what lies directly behind the middle is dropped, be it the end-of-text token. */
  @ParameterizedTest
  @CsvSource({
    "PREFIX_K,    3, 2, 0 a b 1 2 3 6 7 8 9",
    "SUFFIX_K,    3, 2, 0 1 2 3 a b 6 7 8 9",
    "REPLACE_K,   3, 2, 0 a b 6 6 6 6 7 8 9",
    "INSERT_K,    3, 2, 0 1 a 2 b 3 6 7 8 9",
    "PER_K_WORDS, 5, 2, 0 a 1 2 3 b 4 5 8 9",
  })
  void dropsWhatThePublishedCodeDrops(Joining joining, int n, int k, String expected) {
    assertJoined(expected, joining, new PromptSplit(10, n, true), k);
  }

  @Test
  void addsRowByRow() {
    try (Scope scope = new Scope()) {
      Tensor joined = new PromptJoin(Joining.ADD, new PromptSplit(10, 2, false)).join(positions(), adversarial(2));
      assertArrayEquals(new float[] {0, 101, 103, 3, 4, 5, 6, 7, 9, 9}, values(joined));
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    try (Scope scope = new Scope()) {
      ClipTokenizer tokenizer = ClipTokenizer.bundled(49408);
      PromptSplit split = PromptSplit.byTokens(tokenizer, "cat ".repeat(72));
      split.checked("cat", 3);
      UserException refused = assertThrows(UserException.class, () -> split.checked("cat", 4));
      assertTrue(refused.getMessage().contains("room for 3 adversarial tokens, not 4"), refused.getMessage());
      assertThrows(UserException.class, () -> PromptSplit.byTokens(tokenizer, "cat ".repeat(76)));
      assertThrows(UserException.class, () -> PromptSplit.byTokens(tokenizer, " "));
    }
  }

  private static void assertJoined(String expected, Joining joining, PromptSplit split, int k) {
    try (Scope scope = new Scope()) {
      String[] names = expected.split(" ");
      float[] values = new float[names.length];
      for (int i = 0; i < names.length; i++) {
        char first = names[i].charAt(0);
        values[i] = Character.isLetter(first) ? 100 + first - 'a' : first - '0';
      }
      assertArrayEquals(values, values(new PromptJoin(joining, split).join(positions(), adversarial(k))));
    }
  }

  private static Tensor positions() {
    return Tensor.create(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 10, 1);
  }

  private static Tensor adversarial(int k) {
    return Tensor.create(new float[] {100, 101, 102}, 1, 3, 1).narrow(1, 0, k);
  }

  private static float[] values(Tensor joined) {
    float[] values = new float[10];
    for (int i = 0; i < values.length; i++) {
      values[i] = joined.to(torch.ScalarType.Float).select(1, i).item_float();
    }
    return values;
  }
}
