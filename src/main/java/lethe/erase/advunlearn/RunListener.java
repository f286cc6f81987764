package lethe.erase.advunlearn;

/** Told how a run goes, and asked whether it may go on. */
public interface RunListener {
  /** Called as each iteration ends. */
  default void afterIteration(Iteration iteration) {}

  /** Asked before every attack step and every iteration; one that was cancelled in its attack is made again later. */
  default boolean cancelled() {
    return false;
  }
}
