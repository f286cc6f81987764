package lethe.kernel;

import lethe.error.UserException;
import lethe.profile.KernelEvent;
import lethe.profile.NativeCallEvent;
import lethe.profile.Work;
import lethe.tensor.Device;
import lethe.tensor.Traced;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * One update of an attack on an embedding, fused and in place: see {@link PgdUpdate} for what it does. An fp32 x on the
 * CPU or a GPU, with a gradient in fp32 or bf16.
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
   * @throws UserException if the kernels for that device do not load
   */
  public static void apply(Tensor x, Tensor gradient, Tensor center, PgdMoments moments, PgdUpdate update) {
    PgdTensors.check(x, gradient, center, moments, update);
    boolean ball = update.ball() != PgdUpdate.Ball.NONE;
    boolean adam = update.rule().usesMoments();
    Device device = Device.of(x);
    Pointer xData = PgdTensors.data("x", x, device);
    Pointer centerData = ball ? PgdTensors.data("center", center, device) : null;
    Pointer expAvg = adam ? PgdTensors.data("moments", moments.expAvg(), device) : null;
    Pointer expAvgSq = adam ? PgdTensors.data("moments", moments.expAvgSq(), device) : null;
    ScalarType gradientType = gradient.scalar_type().intern();
    boolean bf16 = gradientType == ScalarType.BFloat16;
    PgdTensors.require(bf16 || gradientType == ScalarType.Float, "gradient", "must be fp32 or bf16", gradient);
    Pointer gradientData = PgdTensors.dataOfAnyType("gradient", gradient, device);
    long samples = PgdTensors.samples(x);
    long size = samples == 0 ? 0 : x.numel() / samples;
    long step = adam ? moments.next() : 0;
    PgdUpdate.Adam constants = update.adam();
    KernelEvent event = new KernelEvent();
    event.begin();
    int status;
    try (Launch launch = Launch.on(device)) {
      Function function =
          launch.choose(
              bf16,
              LetheKernels::pgdStep, LetheKernels::pgdStepBf16,
              LetheCudaKernels::pgdStep, LetheCudaKernels::pgdStepBf16);
      NativeCallEvent call = launch.nativeCall("pgd_step", bf16);
      status =
          function.call(
              samples, size, xData, gradientData, centerData, expAvg, expAvgSq, step,
              update.rule().ordinal(), update.stepSize(), constants.beta1(), constants.beta2(), constants.eps(),
              update.ball().ordinal(), update.radius(), update.lowest(), update.highest());
      call.commit();
    }
    event.end();
    if (event.shouldCommit()) {
      Traced.describe(event, "pgd_step", NativeLibrary.TRACED_AS, x)
          .costs(Work.pgdStep(x.numel(), ball, adam, Traced.elementBytes(gradient)))
          .commit();
    }
    PgdTensors.checkStatus(status, x);
  }

  @FunctionalInterface
  private interface Function {
    int call(
        long samples, long size,
        Pointer x, Pointer gradient, Pointer center, Pointer expAvg, Pointer expAvgSq, long step,
        int rule, double stepSize, double beta1, double beta2, double eps,
        int ball, double radius, double lowest, double highest);
  }
}
