package lethe.attack.prompt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import lethe.error.UserException;
import lethe.tensor.Scope;
import lethe.text.ClipTokenizer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class PromptTemplateTest {
  private static final ClipTokenizer TOKENIZER = ClipTokenizer.bundled(49408);
  private static final String PROMPT = "a photo of a church";

  @Test
  void everyLocationIsThePublishedOne() {
    assertOrder(InsertionLocation.PREFIX_K, 7, 2, -1, -2, 0, 1, 2, 3, 4, 5, 6);
    assertOrder(InsertionLocation.SUFFIX_K, 7, 2, 0, 1, 2, 3, 4, 5, 6, -1, -2);
    assertOrder(InsertionLocation.MID_K, 7, 2, 0, 1, 2, -1, -2, 3, 4, 5, 6);
    assertOrder(InsertionLocation.INSERT_K, 7, 2, 0, 1, -1, 2, 3, -2, 4, 5, 6);
    assertOrder(InsertionLocation.PER_K_WORDS, 7, 2, -1, 0, 1, 2, -2, 3, 4, 5, 6);
    assertOrder(InsertionLocation.PER_K_WORDS, 2, 3, -1, 0, 1, -2, -3);
    assertOrder(InsertionLocation.INSERT_K, 1, 2, -1, -2, 0);
  }

  private static void assertOrder(InsertionLocation location, int n, int k, int... expected) {
    assertArrayEquals(expected, location.order(n, k), location.toString());
  }

  @Test
  void filledTemplatesAreWhatTheTokenizerGivesForTheirText() {
    int[] tokens = TOKENIZER.encode("big red dog");
    for (InsertionLocation location : InsertionLocation.values()) {
      PromptTemplate template = PromptTemplate.inserting(TOKENIZER, PROMPT, tokens.length, location);
      assertArrayEquals(TOKENIZER.encodePadded(template.text(tokens)), padded(template, tokens), location.toString());
    }
    PromptTemplate template = PromptTemplate.inserting(TOKENIZER, PROMPT, 3, InsertionLocation.MID_K);
    assertEquals("a photo big red dog of a church", template.text(tokens));
  }

  @Test
  void slotsAreWhereTheTokensStand() {
    int[] tokens = TOKENIZER.encode("big red dog");
    for (InsertionLocation location : InsertionLocation.values()) {
      try (Scope scope = new Scope()) {
        PromptTemplate template = PromptTemplate.inserting(TOKENIZER, PROMPT, 3, location);
        int[] padded = padded(template, tokens);
        int[] slots = Vocabulary.ids(template.positions());
        assertArrayEquals(tokens, Arrays.stream(slots).map(slot -> padded[slot]).toArray(), location.toString());
      }
    }
  }

  @Test
  void newTokensStandInTheConceptsPlace() {
    PromptTemplate template = PromptTemplate.replacing(TOKENIZER, "a church in the snow", "church", 2);
    assertEquals("a <new> in the snow", template.text("<new>"));
    assertEquals("a big dog in the snow", template.text(TOKENIZER.encode("big dog")));
    PromptTemplate elsewhere = PromptTemplate.replacing(TOKENIZER, "a castle", "church", 2);
    assertEquals("<new> a castle", elsewhere.text("<new>"));
  }

  @Test
  void endOfTextTokensSpellNothing() {
    PromptTemplate template = PromptTemplate.inserting(TOKENIZER, PROMPT, 2, InsertionLocation.PREFIX_K);
    assertEquals("dog " + PROMPT, template.text(new int[] {TOKENIZER.eosId(), TOKENIZER.encode("dog")[0]}));
  }

  @Test
  void aPromptWithoutRoomIsRefused() {
    String longest = String.join(" ", IntStream.range(0, 75).mapToObj(i -> "dog").toList());
    UserException e =
        assertThrows(
            UserException.class,
            () -> PromptTemplate.inserting(TOKENIZER, longest, 1, InsertionLocation.PREFIX_K));
    assertTrue(e.getMessage().contains("has 76 tokens with 1 adversarial ones, only 75 fit"), e.getMessage());
  }

  private static int[] padded(PromptTemplate template, int[] tokens) {
    try (Scope scope = new Scope()) {
      Tensor padded = template.padded(tokens);
      return Vocabulary.ids(padded.squeeze(0));
    }
  }
}
