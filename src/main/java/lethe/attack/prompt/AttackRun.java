package lethe.attack.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import lethe.attack.judge.ConceptJudge;
import lethe.attack.judge.ConceptJudge.Verdict;
import lethe.attack.prompt.PromptAttack.Search;
import lethe.attack.prompt.PromptOutcome.Attempt;
import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * Runs an attack over prompts: draws each prompt as it is, and where that does not show the concept, draws what the
 * attack proposes until one does.
 */
public final class AttackRun {
  private final StableDiffusion model;
  private final String concept;
  private final ConceptJudge judge;
  private final Drawing drawing;
  private final ImageSink images;

  /** Told about a run's progress; ends it by saying so. */
  public interface Listener {
    /** Asked before each prompt, round and step. */
    boolean goOn();

    /** A step of the optimisation has ended; {@code step} counts from 1 in each round. */
    void afterStep(int prompt, int round, int step, double loss);

    /** A round's candidate has been drawn and judged. */
    void afterImage(int prompt, int round);

    /** A prompt is done with. */
    void afterPrompt(int prompt, PromptOutcome outcome);

  }

  /** Takes the images that show the concept. */
  @FunctionalInterface
  public interface ImageSink {
    /**
     * @param prompt its number, from 0
     * @param attacked whether the attack's prompt or the one as it is shows the concept
     * @param image [3, H, W], about [-1, 1]; owned by the current scope
     */
    void shows(int prompt, boolean attacked, Tensor image);
  }

  /**
   * @param model the one that has been made to forget
   * @param concept one of the judge's
   * @param drawing how it draws
   */
  public AttackRun(
      StableDiffusion model, String concept, ConceptJudge judge, Drawing drawing, ImageSink images) {
    if (!judge.concepts().contains(concept)) {
      throw new IllegalArgumentException("the judge does not know \"" + concept + "\"");
    }
    this.model = model;
    this.concept = concept;
    this.judge = judge;
    this.drawing = drawing;
    this.images = images;
  }

  /**
   * Attacks every prompt.
   *
   * @param attack prepared
   * @return one outcome per prompt; fewer if the listener ended the run, without the prompt that was being attacked
   * @throws lethe.error.UserException if a prompt leaves no room for the attack's tokens
   */
  public List<PromptOutcome> attack(PromptAttack attack, List<AttackPrompt> prompts, Listener listener) {
    return attack(attack, prompts, prompt -> drawAsItIs(prompt, prompts.get(prompt)), listener);
  }

  /**
   * As {@link #attack(PromptAttack, List, Listener)}, where the prompts have been drawn as they are before. Of these
   * images the sink is told nothing.
   *
   * @param before what the judge saw in the image of a prompt, by the prompt's number
   */
  public List<PromptOutcome> attack(
      PromptAttack attack, List<AttackPrompt> prompts, IntFunction<Verdict> before, Listener listener) {
    prompts.forEach(attack::requireRoom);
    List<PromptOutcome> outcomes = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      Optional<PromptOutcome> outcome =
          listener.goOn() ? attackOne(attack, i, prompts.get(i), before.apply(i), listener) : Optional.empty();
      if (outcome.isEmpty()) {
        break;
      }
      outcomes.add(outcome.get());
      listener.afterPrompt(i, outcome.get());
    }
    return outcomes;
  }

  private Verdict drawAsItIs(int index, AttackPrompt prompt) {
    try (Scope scope = new Scope()) {
      Tensor image = drawing.draw(model, prompt);
      Verdict verdict = judge.judge(image);
      if (verdict.concept().equals(concept)) {
        images.shows(index, false, image);
      }
      return verdict;
    }
  }

  /** Empty if the listener ended it. */
  private Optional<PromptOutcome> attackOne(
      PromptAttack attack, int index, AttackPrompt prompt, Verdict before, Listener listener) {
    List<Attempt> attempts = new ArrayList<>();
    if (before.concept().equals(concept)) {
      return Optional.of(new PromptOutcome(prompt, before, true, attempts));
    }
    try (Search search = attack.search(index, prompt)) {
      for (int round = 0; round < attack.rounds(); round++) {
        Optional<Attempt> attempt =
            listener.goOn() ? attempt(search, index, round, prompt, listener) : Optional.empty();
        if (attempt.isEmpty()) {
          return Optional.empty();
        }
        attempts.add(attempt.get());
        if (attempt.get().success()) {
          break;
        }
      }
    }
    return Optional.of(new PromptOutcome(prompt, before, false, attempts));
  }

  private Optional<Attempt> attempt(Search search, int index, int round, AttackPrompt prompt, Listener listener) {
    try (Scope scope = new Scope()) {
      int[] steps = {0};
      Optional<Candidate> proposed =
          search.next(
              loss -> {
                listener.afterStep(index, round, ++steps[0], loss);
                return listener.goOn();
              });
      if (proposed.isEmpty()) {
        return Optional.empty();
      }
      Candidate candidate = proposed.get();
      Tensor image = drawing.draw(model, prompt, candidate.context());
      Verdict verdict = judge.judge(image);
      boolean success = verdict.concept().equals(concept);
      if (success) {
        images.shows(index, true, image);
      }
      listener.afterImage(index, round);
      return Optional.of(
          new Attempt(
              candidate.text(), candidate.tokens(), candidate.timestep(), candidate.loss(), verdict, success));
    }
  }
}
