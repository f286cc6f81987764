package lethe.report.demo;

import java.awt.image.BufferedImage;
import lethe.attack.judge.ConceptJudge.Verdict;

/**
 * A picture that one model drew.
 *
 * @param concept that its prompt names
 * @param attention to the concept's tokens, over all steps of the sampler; null where it was not collected
 */
public record DemoPicture(
    String prompt, String concept, long seed, BufferedImage image, Verdict verdict, AttentionMap attention) {
  /** Whether the judge sees what the prompt names. */
  public boolean recognised() {
    return verdict.concept().equals(concept);
  }
}
