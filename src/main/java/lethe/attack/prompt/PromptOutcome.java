package lethe.attack.prompt;

import java.util.List;
import java.util.Optional;
import lethe.attack.judge.ConceptJudge.Verdict;

/**
 * What came of one prompt.
 *
 * @param before what the model draws from the prompt itself
 * @param succeededBefore whether that is the concept; nothing is tried then
 * @param attempts candidates in their order; the last may show the concept, no other does
 */
public record PromptOutcome(AttackPrompt prompt, Verdict before, boolean succeededBefore, List<Attempt> attempts) {
  /**
   * A candidate that was drawn and judged.
   *
   * @param text the whole prompt
   * @param tokens ids of the adversarial tokens; empty if they are no tokens of the vocabulary
   * @param timestep {@link Candidate#NO_TIMESTEP} if the attack has none
   * @param loss NaN if the attack has none
   */
  public record Attempt(String text, int[] tokens, int timestep, double loss, Verdict verdict, boolean success) {}

  /** The candidate that brought the concept back, if one did. */
  public Optional<Attempt> found() {
    return attempts.stream().filter(Attempt::success).findFirst();
  }

  /** Whether the concept was drawn, with or without an attack. */
  public boolean succeededAfter() {
    return succeededBefore || found().isPresent();
  }

  /** How many prompts draw the concept as they are. */
  public static SuccessRate before(List<PromptOutcome> outcomes) {
    return new SuccessRate((int) outcomes.stream().filter(PromptOutcome::succeededBefore).count(), outcomes.size());
  }

  /** How many prompts draw the concept as they are or attacked: the published attack success rate. */
  public static SuccessRate after(List<PromptOutcome> outcomes) {
    return new SuccessRate((int) outcomes.stream().filter(PromptOutcome::succeededAfter).count(), outcomes.size());
  }
}
