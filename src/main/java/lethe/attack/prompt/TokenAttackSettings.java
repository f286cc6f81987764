package lethe.attack.prompt;

import java.util.stream.IntStream;

/**
 * Settings of the attacks that look for tokens, with the published names and defaults (UnlearnDiffAtk's code).
 *
 * @param k adversarial tokens; published: 3, and 5 for nudity
 * @param iteration optimisation steps at a timestep; for random tokens the number of tries
 * @param nSamples timesteps
 * @param learningRate of Adam
 * @param weightDecay of Adam, added to the gradient
 * @param randInit start from random distributions instead of uniform ones (UnlearnDiffAtk)
 * @param seed of each prompt's noise and tokens
 */
public record TokenAttackSettings(
    int k,
    InsertionLocation insertionLocation,
    int iteration,
    int nSamples,
    double learningRate,
    double weightDecay,
    boolean randInit,
    Criterion criterion,
    long seed) {
  public static final TokenAttackSettings DEFAULTS =
      new TokenAttackSettings(3, InsertionLocation.PREFIX_K, 40, 50, 0.01, 0.1, false, Criterion.L2, 0);

  /**
   * The same attack in at most {@code steps} optimisation steps a prompt: fewer timesteps, still spread over all noise
   * levels, and fewer steps at each only if the budget is below one timestep's.
   */
  public TokenAttackSettings within(int steps) {
    int iterations = Math.min(iteration, steps);
    return new TokenAttackSettings(
        k,
        insertionLocation,
        iterations,
        Math.min(nSamples, steps / iterations),
        learningRate,
        weightDecay,
        randInit,
        criterion,
        seed);
  }

  /** The timesteps in their order: 10, 30, ..., 990 for 50 of 1000. */
  int[] timesteps(int trainTimesteps) {
    int stride = Math.max(1, trainTimesteps / nSamples);
    return IntStream.iterate(stride / 2, t -> t < trainTimesteps, t -> t + stride).limit(nSamples).toArray();
  }
}
