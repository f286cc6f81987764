package lethe.attack.prompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lethe.attack.judge.ConceptJudge.Verdict;
import lethe.attack.prompt.PromptOutcome.Attempt;
import org.junit.jupiter.api.Test;

class SuccessRateTest {
  /** Newcombe, Statistics in Medicine 17 (1998), table I, method 3, which is Wilson's without correction. */
  @Test
  void intervalsAreThePublishedOnes() {
    assertInterval(81, 263, 0.2553, 0.3662);
    assertInterval(15, 148, 0.0624, 0.1605);
    assertInterval(0, 20, 0.0000, 0.1611);
    assertInterval(1, 29, 0.0061, 0.1718);
  }

  private static void assertInterval(int successes, int prompts, double low, double high) {
    SuccessRate.Interval interval = new SuccessRate(successes, prompts).interval();
    assertEquals(low, interval.low(), 5e-5);
    assertEquals(high, interval.high(), 5e-5);
  }

  @Test
  void noPromptsTellNothing() {
    SuccessRate rate = new SuccessRate(0, 0);
    assertTrue(Double.isNaN(rate.rate()));
    assertEquals(new SuccessRate.Interval(0, 1), rate.interval());
    assertEquals(1, new SuccessRate(5, 5).interval().high());
    assertThrows(IllegalArgumentException.class, () -> new SuccessRate(2, 1));
  }

  @Test
  void theAttackedRateCountsPromptsThatNeedNoAttack() {
    List<PromptOutcome> outcomes =
        Stream.of(outcome(true), outcome(false, false, true), outcome(false, false, false), outcome(false)).toList();
    assertEquals(new SuccessRate(1, 4), PromptOutcome.before(outcomes));
    assertEquals(new SuccessRate(2, 4), PromptOutcome.after(outcomes));
    assertEquals("try 1", outcomes.get(1).found().orElseThrow().text());
  }

  private static PromptOutcome outcome(boolean before, Boolean... attempts) {
    Verdict verdict = new Verdict("church", 0.5);
    List<Attempt> tries =
        IntStream.range(0, attempts.length)
            .mapToObj(i -> new Attempt("try " + i, new int[0], 10, 0, verdict, attempts[i]))
            .toList();
    return new PromptOutcome(new AttackPrompt("a church", 0, 7.5), verdict, before, tries);
  }
}
