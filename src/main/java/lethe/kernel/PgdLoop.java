package lethe.kernel;

import java.util.List;
import java.util.function.BooleanSupplier;
import lethe.error.UserException;
import org.bytedeco.pytorch.Tensor;

/**
 * The inner loop of an attack: asks for the loss and its gradient, moves the iterate, and remembers the best one.
 *
 * <pre>{@code
 * PgdUpdate update = PgdUpdate.of(PgdUpdate.Rule.SIGN, 0.01).within(PgdUpdate.Ball.LINF, 0.1);
 * PgdLoop.Result result =
 *     PgdLoop.of(Provider.choose()).run(x, null, PgdLoop.Settings.of(update, 30), lossAndGradient, () -> false);
 * }</pre>
 */
@FunctionalInterface
public interface PgdLoop {
  /**
   * When a loop ends, and what it feeds the update.
   *
   * @param update how the iterate moves
   * @param steps the most losses to ask for
   * @param tolerance the loop has converged where a loss differs by no more than this from the one before; negative for
   *     never
   * @param accumulateGradient feed the update the sum of all gradients so far, as the published AdvUnlearn does, which
   *     never zeroes its gradient; under {@link PgdUpdate.Rule#SIGN_ADAM} it is replaced by its signs after each
   *     addition, as published
   */
  record Settings(PgdUpdate update, int steps, double tolerance, boolean accumulateGradient) {
    public Settings {
      if (steps < 0) {
        throw new IllegalArgumentException("pgd: steps must be at least 0, got " + steps);
      }
      if (Double.isNaN(tolerance)) {
        throw new IllegalArgumentException("pgd: the tolerance must be a number");
      }
    }

    /** All of {@code steps}, with a fresh gradient each. */
    public static Settings of(PgdUpdate update, int steps) {
      return new Settings(update, steps, -1, false);
    }
  }

  /** Why a loop ended. */
  enum Stop {
    // The ordinals are those of lethe_pgd_stop.
    /** All steps were made. */
    STEPS,
    /** The loss stood still; the step that saw it moved nothing. */
    TOLERANCE,
    /** It was cancelled before the step after the last one recorded. */
    CANCELLED,
    /** The last recorded loss or gradient is not finite; that step moved nothing. */
    NOT_FINITE
  }

  /**
   * What happened in a step.
   *
   * @param loss at the iterate before the update
   * @param gradientNorm L2 norm of the gradient at that iterate, over all samples, without what was accumulated before
   * @param nanos time of the step, loss and gradient included
   */
  record Step(double loss, double gradientNorm, long nanos) {}

  /**
   * How a loop went. The iterate after the last update is x itself; nobody has asked for its loss.
   *
   * @param best the iterate with the lowest loss, the first of equals; where there is none, what x was at the start.
   *     Belongs to the scope that was current when the loop began
   * @param bestStep the step that found it; -1 if none did
   * @param stop why the loop ended
   * @param steps one record for every loss that was returned
   */
  record Result(Tensor best, int bestStep, Stop stop, List<Step> steps) {}

  /**
   * Runs an attack. With a batch of samples, the loss is that of the batch, and so is the best iterate.
   *
   * @param x the start, [k, D], or [B, k, D] for B samples; contiguous; moved in place
   * @param center of the ball, of the shape of x; null for what x is at the start
   * @param cancelled asked before every step
   * @throws IllegalArgumentException for other shapes, types, devices or strides
   * @throws UserException if the native library is needed and does not load
   */
  Result run(Tensor x, Tensor center, Settings settings, LossAndGradient lossAndGradient, BooleanSupplier cancelled);

  /** The loop of a provider. What {@code lossAndGradient} throws comes through either. */
  static PgdLoop of(Provider provider) {
    return provider == Provider.NATIVE ? new NativePgdLoop() : new ComposedPgdLoop(ComposedPgdStep::apply);
  }
}
