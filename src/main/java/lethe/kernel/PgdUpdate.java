package lethe.kernel;

/**
 * How an attack moves in one step: against the gradient by a rule, then back onto a ball around a centre, then into
 * [lowest, highest]. {@code native/include/lethe_kernels.h} has the formulas.
 *
 * <p>A norm runs over one whole perturbation: over all of an x [k, D], and over every [k, D] of an x [B, k, D] by itself.
 *
 * @param rule what a step does with the gradient
 * @param stepSize the length of a step (for {@link Rule#L2}), or of its elements; negative to ascend
 * @param adam the constants of Adam; unused by the other rules
 * @param ball the norm of the ball, or none
 * @param radius its radius, at least 0; unused without a ball
 * @param lowest smallest value of an element; -infinity for no bound
 * @param highest largest value of an element; infinity for no bound
 */
public record PgdUpdate(
    Rule rule, double stepSize, Adam adam, Ball ball, double radius, double lowest, double highest) {
  // The ordinals of both enums are those of lethe_pgd_rule and lethe_pgd_ball.

  /** What a step does with the gradient. */
  public enum Rule {
    /** Its signs, so that every element moves equally far: FGSM, signed PGD (Madry et al., arXiv 1706.06083). */
    SIGN,
    /** Its direction: the gradient over its L2 norm. Where it is 0, nothing moves. */
    L2,
    /** Adam (arXiv 1412.6980): AdvUnlearn's attack as published, under the name "pgd". */
    ADAM,
    /** Adam on the signs of the gradient: AdvUnlearn's "fast_at". */
    SIGN_ADAM;

    /** Whether the rule needs {@link PgdMoments}. */
    public boolean usesMoments() {
      return this == ADAM || this == SIGN_ADAM;
    }
  }

  /** A set that contains every iterate: the points whose difference from the centre has at most some norm. */
  public enum Ball {
    NONE,
    /** No element further from the centre's than the radius. */
    LINF,
    /** The whole perturbation no longer than the radius. */
    L2
  }

  /** The constants of Adam. */
  public record Adam(double beta1, double beta2, double eps) {
    public static final Adam DEFAULT = new Adam(0.9, 0.999, 1e-8);

    public Adam {
      require(beta1 >= 0 && beta1 < 1, "beta1 must be in [0, 1), got ", beta1);
      require(beta2 >= 0 && beta2 < 1, "beta2 must be in [0, 1), got ", beta2);
      require(eps >= 0 && eps <= Float.MAX_VALUE, "eps must be finite and at least 0, got ", eps);
    }
  }

  public PgdUpdate {
    require(Math.abs(stepSize) <= Float.MAX_VALUE, "the step size must be finite, got ", stepSize);
    require(radius >= 0 && radius <= Float.MAX_VALUE, "the radius must be finite and at least 0, got ", radius);
    require(lowest <= highest, "the lowest value must not be above the highest, got ", lowest);
  }

  /** Steps of {@code stepSize} by {@code rule}, unbounded. */
  public static PgdUpdate of(Rule rule, double stepSize) {
    return new PgdUpdate(
        rule, stepSize, Adam.DEFAULT, Ball.NONE, 0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  /** The same, kept in a ball. */
  public PgdUpdate within(Ball newBall, double newRadius) {
    return new PgdUpdate(rule, stepSize, adam, newBall, newRadius, lowest, highest);
  }

  /** The same, with every element kept in [newLowest, newHighest]. */
  public PgdUpdate clamped(double newLowest, double newHighest) {
    return new PgdUpdate(rule, stepSize, adam, ball, radius, newLowest, newHighest);
  }

  private static void require(boolean holds, String what, double got) {
    if (!holds) {
      throw new IllegalArgumentException("pgd: " + what + got);
    }
  }
}
