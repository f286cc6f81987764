package lethe.erase.advunlearn.latents;

import java.util.Locale;

/**
 * Which trajectory of an endless series.
 *
 * @param number from 0
 */
record TrajectoryKey(Kind kind, String prompt, long number) {
  /** What its latents are for. */
  enum Kind {
    /** The concept: predictions with and without the prompt. */
    ERASING,
    /** A retain prompt: predictions with it. */
    RETAIN;

    boolean isErasing() {
      return this == ERASING;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
