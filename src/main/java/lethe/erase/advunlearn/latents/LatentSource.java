package lethe.erase.advunlearn.latents;

/**
 * Where AdvUnlearn's losses get their latents: sampled anew for every draw ({@link FreshLatents}, published) or taken
 * from trajectories sampled once ({@link LatentBank}).
 *
 * <p>A draw is a pure function of its number: the same number gives the same draw, in whatever order draws are made, so
 * a loop that is resumed has nothing to restore but its counters. What is drawn belongs to the current scope, is fp32,
 * needs no gradient and must not be written to.
 */
public interface LatentSource extends AutoCloseable {
  /** Latents of the concept, and what the frozen model predicts of them. */
  ErasingLatents erasing(long draw);

  /**
   * Latents of a batch of retain prompts, and what the frozen model predicts of them.
   *
   * @param draw decides the stop: a retain batch and a concept of the same draw are at the same stop, as published
   * @param batch decides the prompts: consecutive batches go through all prompts in shuffled order before any comes
   *     again
   * @throws IllegalStateException if there are no retain prompts
   */
  RetainLatents retain(long draw, long batch);

  /**
   * Replaces old trajectories by new ones, one of the concept and one of the retain prompts for each generation. A
   * source that keeps none does nothing.
   *
   * @param generation how many renewals there have been, from 0; a resumed loop goes on with its own
   */
  default void renew(long generation) {}

  @Override
  void close();
}
