package lethe.erase.advunlearn;

/** How the retain loss is minimised. */
public enum RetainTrain {
  /** By steps of its own, after each erasing step. */
  ITER,
  /** Together with the erasing loss, weighted. */
  REG
}
