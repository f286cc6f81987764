package lethe.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** {@link PgdLoop} in Java: on any device and in any float type that its step takes. */
final class ComposedPgdLoop implements PgdLoop {
  private final Update step;

  /** @param step {@link ComposedPgdStep#apply}, or {@link PgdStep#apply} for tensors on a GPU */
  ComposedPgdLoop(Update step) {
    this.step = step;
  }

  @FunctionalInterface
  interface Update {
    void apply(Tensor x, Tensor gradient, Tensor center, PgdMoments moments, PgdUpdate update);
  }

  @Override
  public Result run(
      Tensor x, Tensor center, Settings settings, LossAndGradient lossAndGradient, BooleanSupplier cancelled) {
    PgdTensors.checkStart(x, center);
    try (Scope scope = new Scope()) {
      Tensor best = scope.keep(x.detach().clone());
      State state = new State(x.detach(), center == null ? best.clone() : center, best, settings, step);
      Stop stop = state.run(lossAndGradient, cancelled);
      return new Result(best, state.bestStep, stop, List.copyOf(state.steps));
    }
  }

  private static final class State {
    private final Tensor x;
    private final Tensor center;
    private final Tensor best;
    private final Settings settings;
    private final Update update;
    private final Tensor gradient;
    private final Tensor sum;
    private final PgdMoments moments;
    private final List<Step> steps = new ArrayList<>();
    private int bestStep = -1;

    State(Tensor x, Tensor center, Tensor best, Settings settings, Update update) {
      this.x = x;
      this.center = center;
      this.best = best;
      this.settings = settings;
      this.update = update;
      gradient = torch.zeros_like(x);
      sum = torch.zeros_like(x);
      moments = PgdMoments.zerosLike(x);
    }

    Stop run(LossAndGradient lossAndGradient, BooleanSupplier cancelled) {
      double previous = Double.NaN;
      for (int step = 0; step < settings.steps(); step++) {
        if (cancelled.getAsBoolean()) {
          return Stop.CANCELLED;
        }
        long start = System.nanoTime();
        Stop stop;
        double loss;
        double norm;
        try (Scope scope = new Scope()) {
          loss = lossAndGradient.evaluate(step, x, gradient);
          norm = torch.linalg_vector_norm(gradient).item_double();
          stop = judge(step, loss, norm, previous);
          if (stop == null) {
            update.apply(x, direction(), center, moments, settings.update());
          }
        }
        steps.add(new Step(loss, norm, System.nanoTime() - start));
        if (stop != null) {
          return stop;
        }
        previous = loss;
      }
      return Stop.STEPS;
    }

    /** Keeps the iterate if it is the best so far; returns why to end here, or null to go on. */
    private Stop judge(int step, double loss, double norm, double previous) {
      if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
        return Stop.NOT_FINITE;
      }
      if (bestStep < 0 || loss < steps.get(bestStep).loss()) {
        best.copy_(x);
        bestStep = step;
      }
      return Math.abs(loss - previous) <= settings.tolerance() ? Stop.TOLERANCE : null;
    }

    /** What the update takes for the gradient. */
    private Tensor direction() {
      if (!settings.accumulateGradient()) {
        return gradient;
      }
      sum.add_(gradient);
      if (settings.update().rule() == PgdUpdate.Rule.SIGN_ADAM) {
        sum.sign_();
      }
      return sum;
    }
  }
}
