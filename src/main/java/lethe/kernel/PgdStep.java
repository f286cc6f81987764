package lethe.kernel;

import lethe.error.UserException;
import lethe.profile.KernelEvent;
import lethe.profile.NativeCallEvent;
import lethe.profile.Work;
import lethe.tensor.Traced;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * One update of an attack on an embedding, fused and in place: see {@link PgdUpdate} for what it does. An fp32 x on the
 * CPU, with a gradient in fp32 or bf16.
 *
 * @see Provider whether the native kernels can be used
 */
public final class PgdStep {
  private PgdStep() {}

  /**
   * Moves x by one update, in place.
   *
   * @param x the iterate: fp32 [k, D], or [B, k, D] for a batch of independent perturbations; contiguous
   * @param gradient of the loss with respect to x, of its shape, fp32 or bf16, contiguous
   * @param center of the ball, fp32, of the shape of x, contiguous; null where there is no ball
   * @param moments for the Adam rules, else null
   * @throws IllegalArgumentException for other shapes, types, devices or strides
   * @throws UserException if the native library does not load
   */
  public static void apply(Tensor x, Tensor gradient, Tensor center, PgdMoments moments, PgdUpdate update) {
    NativeLibrary.load();
    PgdTensors.check(x, gradient, center, moments, update);
    boolean ball = update.ball() != PgdUpdate.Ball.NONE;
    boolean adam = update.rule().usesMoments();
    Pointer xData = PgdTensors.data("x", x);
    Pointer centerData = ball ? PgdTensors.data("center", center) : null;
    Pointer expAvg = adam ? PgdTensors.data("moments", moments.expAvg()) : null;
    Pointer expAvgSq = adam ? PgdTensors.data("moments", moments.expAvgSq()) : null;
    ScalarType gradientType = gradient.scalar_type().intern();
    boolean bf16 = gradientType == ScalarType.BFloat16;
    PgdTensors.require(bf16 || gradientType == ScalarType.Float, "gradient", "must be fp32 or bf16", gradient);
    Pointer gradientData = PgdTensors.cpuData("gradient", gradient);
    long samples = PgdTensors.samples(x);
    long size = samples == 0 ? 0 : x.numel() / samples;
    long step = adam ? moments.next() : 0;
    PgdUpdate.Adam constants = update.adam();
    KernelEvent event = new KernelEvent();
    event.begin();
    NativeCallEvent call = NativeCallEvent.of("lethe_pgd_step_" + (bf16 ? "bf16" : "f32"));
    int status =
        bf16
            ? LetheKernels.pgdStepBf16(
                samples,
                size,
                xData,
                gradientData,
                centerData,
                expAvg,
                expAvgSq,
                step,
                update.rule().ordinal(),
                update.stepSize(),
                constants.beta1(),
                constants.beta2(),
                constants.eps(),
                update.ball().ordinal(),
                update.radius(),
                update.lowest(),
                update.highest())
            : LetheKernels.pgdStep(
                samples,
                size,
                xData,
                gradientData,
                centerData,
                expAvg,
                expAvgSq,
                step,
                update.rule().ordinal(),
                update.stepSize(),
                constants.beta1(),
                constants.beta2(),
                constants.eps(),
                update.ball().ordinal(),
                update.radius(),
                update.lowest(),
                update.highest());
    call.commit();
    event.end();
    if (event.shouldCommit()) {
      Traced.describe(event, "pgd_step", NativeLibrary.TRACED_AS, x)
          .costs(Work.pgdStep(x.numel(), ball, adam, Traced.elementBytes(gradient)))
          .commit();
    }
    PgdTensors.checkStatus(status, x);
  }
}
