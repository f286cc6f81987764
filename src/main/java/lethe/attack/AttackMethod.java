package lethe.attack;

import java.util.Locale;

/** How an attack moves its embedding. */
public enum AttackMethod {
  /** Adam without a bound: the published method, which its code calls {@code pgd}. */
  ADAM,
  /** Projected gradient descent (arXiv 1706.06083): steps of a fixed length, kept in a ball around the start. */
  PGD,
  /** One signed step: the paper's fast variant. The published {@code fast_at} takes all steps it is given. */
  FAST;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
