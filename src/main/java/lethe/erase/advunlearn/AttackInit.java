package lethe.erase.advunlearn;

/** Where an attack starts. */
public enum AttackInit {
  /** At random words of the vocabulary. */
  RANDOM,
  /** At what the last attack found; the first one at random words. */
  LATEST
}
