package lethe.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import lethe.profile.NativeCallEvent;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * {@link PgdLoop} in native code, which calls back for every loss and gradient. An fp32 x.
 *
 * <p>For an x on a GPU the loop runs in Java and only its steps are kernels: loss and gradient norm come to the host
 * after each step anyway, and that wait is longer than all a native loop could save.
 */
final class NativePgdLoop implements PgdLoop {
  @Override
  public Result run(
      Tensor x, Tensor center, Settings settings, LossAndGradient lossAndGradient, BooleanSupplier cancelled) {
    if (!Launch.runsOnCpu(x)) {
      return new ComposedPgdLoop(PgdStep::apply).run(x, center, settings, lossAndGradient, cancelled);
    }
    NativeLibrary.load();
    PgdTensors.checkStart(x, center);
    PgdUpdate update = settings.update();
    try (Scope scope = new Scope()) {
      Tensor start = x.detach();
      Tensor gradient = torch.zeros_like(start);
      Tensor best = torch.empty_like(start);
      Evaluation evaluation = new Evaluation(start, gradient, lossAndGradient, cancelled);
      long samples = PgdTensors.samples(x);
      double[] losses = new double[settings.steps()];
      double[] gradientNorms = new double[settings.steps()];
      long[] nanos = new long[settings.steps()];
      long[] recorded = new long[1];
      long[] bestStep = new long[1];
      int[] stop = new int[1];
      int status;
      Evaluation outer = Callback.RUNNING.get();
      Callback.RUNNING.set(evaluation);
      // The steps that the loop calls back for lie within this call.
      NativeCallEvent call = NativeCallEvent.of("lethe_pgd_loop_f32");
      try {
        status =
            LetheKernels.pgdLoop(
                samples,
                samples == 0 ? 0 : x.numel() / samples,
                PgdTensors.data("x", start, Device.CPU),
                center == null ? null : PgdTensors.data("center", center, Device.CPU),
                PgdTensors.data("gradient", gradient, Device.CPU),
                PgdTensors.data("best", best, Device.CPU),
                update.rule().ordinal(),
                update.stepSize(),
                update.adam().beta1(),
                update.adam().beta2(),
                update.adam().eps(),
                update.ball().ordinal(),
                update.radius(),
                update.lowest(),
                update.highest(),
                settings.steps(),
                settings.tolerance(),
                settings.accumulateGradient(),
                Callback.INSTANCE,
                null,
                null,
                losses,
                gradientNorms,
                nanos,
                recorded,
                bestStep,
                stop);
      } finally {
        call.commit();
        Callback.RUNNING.set(outer);
      }
      evaluation.rethrow();
      PgdTensors.checkStatus(status, x);
      List<Step> steps = new ArrayList<>();
      for (int i = 0; i < recorded[0]; i++) {
        steps.add(new Step(losses[i], gradientNorms[i], nanos[i]));
      }
      return new Result(scope.keep(best), (int) bestStep[0], Stop.values()[stop[0]], List.copyOf(steps));
    }
  }

  /** What a running loop asks, and what came of it. */
  private static final class Evaluation {
    private final Tensor x;
    private final Tensor gradient;
    private final LossAndGradient lossAndGradient;
    private final BooleanSupplier cancelled;
    private Throwable thrown;

    Evaluation(Tensor x, Tensor gradient, LossAndGradient lossAndGradient, BooleanSupplier cancelled) {
      this.x = x;
      this.gradient = gradient;
      this.lossAndGradient = lossAndGradient;
      this.cancelled = cancelled;
    }

    /** Whether the loop is to go on. Throws nothing: native frames lie between here and {@link #rethrow}. */
    boolean evaluate(long step, DoublePointer loss) {
      try (Scope scope = new Scope()) {
        if (cancelled.getAsBoolean()) {
          return false;
        }
        loss.put(lossAndGradient.evaluate((int) step, x, gradient));
        return true;
      } catch (Throwable e) {
        thrown = e;
        return false;
      }
    }

    void rethrow() {
      if (thrown != null) {
        NativePgdLoop.<RuntimeException>throwUnchecked(thrown);
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void throwUnchecked(Throwable thrown) throws T {
    throw (T) thrown;
  }

  /**
   * The one callback that all loops share: JavaCPP has room for ten of a kind. A loop calls back on the thread that runs
   * it, which therefore knows whose loss is asked for; loops within a loss nest.
   */
  private static final class Callback extends LetheKernels.PgdCallback {
    static final ThreadLocal<Evaluation> RUNNING = new ThreadLocal<>();
    static final Callback INSTANCE = Scope.own(new Callback());

    @Override
    public int call(Pointer context, long step, FloatPointer x, FloatPointer gradient, DoublePointer loss) {
      return RUNNING.get().evaluate(step, loss) ? 0 : 1;
    }
  }
}
