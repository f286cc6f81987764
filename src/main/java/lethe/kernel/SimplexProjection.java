package lethe.kernel;

import lethe.error.UserException;
import lethe.profile.KernelEvent;
import lethe.profile.NativeCallEvent;
import lethe.profile.Work;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import lethe.tensor.Traced;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Projects every row onto the probability simplex: the nearest point with no negative element and the sum 1. The attack
 * UnlearnDiffAtk (arXiv 2310.11868) does this to its distributions over the vocabulary after each step.
 *
 * <p>Exact, unlike the published bisection: out = max(x - threshold, 0) with each row's own threshold, found by Newton's
 * method. float32 or bfloat16 on the CPU or a GPU, arithmetic in double. A row that has no nearest point, because it
 * holds a NaN, +infinity or nothing but -infinity, becomes NaN.
 *
 * @see Provider whether the native kernels can be used
 * @see ComposedSimplexProjection
 */
public final class SimplexProjection {
  private SimplexProjection() {}

  /**
   * The projected rows, in a new tensor.
   *
   * @param x [k, V], last stride 1
   * @throws IllegalArgumentException for other shapes, types, devices or strides
   * @throws UserException if the kernels for that device do not load
   */
  public static Tensor project(Tensor x) {
    try (Scope scope = new Scope()) {
      require(x);
      TensorOptions options = Device.of(x).options(DType.of(x.scalar_type()));
      Tensor out = torch.empty(new long[] {x.size(0), x.size(1)}, options, null);
      run(x, out);
      return scope.keep(out);
    }
  }

  /** The same in place, unseen by autograd. */
  public static void projectInPlace(Tensor x) {
    require(x);
    run(x, x);
  }

  private static void run(Tensor x, Tensor out) {
    boolean bf16 = DType.of(x.scalar_type()) == DType.BF16;
    KernelEvent event = new KernelEvent();
    event.begin();
    int status;
    try (Launch launch = Launch.on(Device.of(x))) {
      Function function =
          launch.choose(
              bf16,
              LetheKernels::simplexProjection, LetheKernels::simplexProjectionBf16,
              LetheCudaKernels::simplexProjection, LetheCudaKernels::simplexProjectionBf16);
      NativeCallEvent call = launch.nativeCall("simplex_projection", bf16);
      status =
          function.call(
              x.size(0), x.size(1), x.const_data_ptr(), x.stride(0), out.mutable_data_ptr(), out.stride(0));
      call.commit();
    }
    event.end();
    if (event.shouldCommit()) {
      Traced.describe(event, "simplex_projection", NativeLibrary.TRACED_AS, x)
          .costs(Work.simplexProjection(x.numel(), Traced.elementBytes(x)))
          .commit();
    }
    if (status == LetheKernels.OUT_OF_MEMORY) {
      throw new OutOfMemoryError("simplex_projection of " + describe(x));
    }
    if (status != LetheKernels.OK) {
      throw new IllegalStateException(
          "simplex_projection of " + describe(x) + ": " + LetheKernels.statusString(status));
    }
  }

  private static void require(Tensor x) {
    torch.ScalarType type = x.scalar_type().intern();
    boolean takes = type == DType.F32.scalarType() || type == DType.BF16.scalarType();
    if (!Launch.takes(x) || !takes || x.dim() != 2) {
      throw new IllegalArgumentException(
          "simplex_projection: x must be fp32 or bf16 [k, V] on the CPU or a GPU, got " + describe(x));
    }
    if (x.size(1) > 1 && x.stride(1) != 1) {
      throw new IllegalArgumentException("simplex_projection: the last stride of x must be 1, got " + x.stride(1));
    }
  }

  private static String describe(Tensor x) {
    StringBuilder sizes = new StringBuilder();
    for (int i = 0; i < x.dim(); i++) {
      sizes.append(i == 0 ? "" : ", ").append(x.size(i));
    }
    return x.scalar_type().intern() + " [" + sizes + "]" + " on " + Device.of(x);
  }

  @FunctionalInterface
  private interface Function {
    int call(long rows, long columns, Pointer x, long xStride, Pointer out, long outStride);
  }
}
