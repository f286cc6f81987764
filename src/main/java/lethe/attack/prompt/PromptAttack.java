package lethe.attack.prompt;

import java.util.Optional;

/**
 * One way to look for prompts under which a model draws what it has forgotten.
 *
 * <p>Deterministic: the same model, settings and seeds propose the same prompts. Owns its tensors.
 */
public interface PromptAttack extends AutoCloseable {
  /** Told about every optimisation step as it ends. */
  @FunctionalInterface
  interface StepListener {
    /** Whether to go on after a step that had this loss. */
    boolean afterStep(double loss);
  }

  /** The attack on one prompt. Owns its tensors. */
  interface Search extends AutoCloseable {
    /**
     * Works for another round.
     *
     * @return its candidate, owned by the current scope; empty after the last round, or if the listener ended it
     */
    Optional<Candidate> next(StepListener listener);

    @Override
    default void close() {}
  }

  /** Steps of {@link #prepare}. */
  default int preparationSteps() {
    return 0;
  }

  /** Does what all prompts share; called once, first. Ended by the listener, it leaves what it has. */
  default void prepare(StepListener listener) {}

  /** Rounds of a search, each of which proposes one candidate. */
  int rounds();

  /** Optimisation steps in a round; may be 0. */
  int stepsPerRound();

  /**
   * Refuses a prompt that leaves no room for the attack's tokens.
   *
   * @throws lethe.error.UserException if it does
   */
  void requireRoom(AttackPrompt prompt);

  /**
   * @param index of the prompt, from 0
   */
  Search search(int index, AttackPrompt prompt);

  @Override
  default void close() {}
}
