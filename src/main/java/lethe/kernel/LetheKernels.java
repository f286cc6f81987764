package lethe.kernel;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.FunctionPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.Platform;

/**
 * The functions of {@code native/include/lethe_kernels.h}, as they are: no checks, no tensors. JavaCPP generates their
 * JNI glue when the project is built. {@link NativeLibrary#load} must have succeeded before any is called.
 */
@Platform(include = "lethe_kernels.h", link = "lethe_kernels")
final class LetheKernels {
  static final int OK = 0;
  static final int OUT_OF_MEMORY = -4;

  private LetheKernels() {}

  @Name("lethe_status_string")
  static native String statusString(int status);

  @Name("lethe_kernels_version")
  static native String version();

  @Name("lethe_cpu_isa")
  static native String cpuIsa();

  @Name("lethe_attention_scores_forward_f32")
  static native int attentionScoresForwardF32(
      @Cast("int64_t") long batch,
      @Cast("int64_t") long heads,
      @Cast("int64_t") long rows,
      @Cast("int64_t") long tokens,
      @Cast("int64_t") long channels,
      @Cast("const float*") Pointer q,
      @Cast("const int64_t*") long[] qStrides,
      @Cast("const float*") Pointer k,
      @Cast("const int64_t*") long[] kStrides,
      @Cast("const float*") Pointer v,
      @Cast("const int64_t*") long[] vStrides,
      double scale,
      @Cast("const uint8_t*") Pointer columns,
      @Cast("float*") Pointer out,
      @Cast("const int64_t*") long[] outStrides,
      @Cast("double*") Pointer lse,
      @Cast("double*") Pointer sumOfSquares,
      @Cast("int64_t") long mapCount,
      @Cast("const int64_t*") long[] mapTokens,
      @Cast("float*") Pointer maps);

  @Name("lethe_attention_scores_forward_bf16")
  static native int attentionScoresForwardBf16(
      @Cast("int64_t") long batch,
      @Cast("int64_t") long heads,
      @Cast("int64_t") long rows,
      @Cast("int64_t") long tokens,
      @Cast("int64_t") long channels,
      @Cast("const lethe_bf16*") Pointer q,
      @Cast("const int64_t*") long[] qStrides,
      @Cast("const lethe_bf16*") Pointer k,
      @Cast("const int64_t*") long[] kStrides,
      @Cast("const lethe_bf16*") Pointer v,
      @Cast("const int64_t*") long[] vStrides,
      double scale,
      @Cast("const uint8_t*") Pointer columns,
      @Cast("lethe_bf16*") Pointer out,
      @Cast("const int64_t*") long[] outStrides,
      @Cast("double*") Pointer lse,
      @Cast("double*") Pointer sumOfSquares,
      @Cast("int64_t") long mapCount,
      @Cast("const int64_t*") long[] mapTokens,
      @Cast("float*") Pointer maps);

  @Name("lethe_attention_scores_backward_f32")
  static native int attentionScoresBackwardF32(
      @Cast("int64_t") long batch,
      @Cast("int64_t") long heads,
      @Cast("int64_t") long rows,
      @Cast("int64_t") long tokens,
      @Cast("int64_t") long channels,
      @Cast("const float*") Pointer q,
      @Cast("const int64_t*") long[] qStrides,
      @Cast("const float*") Pointer k,
      @Cast("const int64_t*") long[] kStrides,
      @Cast("const float*") Pointer v,
      @Cast("const int64_t*") long[] vStrides,
      double scale,
      @Cast("const uint8_t*") Pointer columns,
      @Cast("const float*") Pointer out,
      @Cast("const int64_t*") long[] outStrides,
      @Cast("const double*") Pointer lse,
      @Cast("const float*") Pointer dOut,
      @Cast("const int64_t*") long[] dOutStrides,
      double dSumOfSquares,
      @Cast("float*") Pointer dq,
      @Cast("const int64_t*") long[] dqStrides,
      @Cast("float*") Pointer dk,
      @Cast("const int64_t*") long[] dkStrides,
      @Cast("float*") Pointer dv,
      @Cast("const int64_t*") long[] dvStrides);

  @Name("lethe_attention_scores_backward_bf16")
  static native int attentionScoresBackwardBf16(
      @Cast("int64_t") long batch,
      @Cast("int64_t") long heads,
      @Cast("int64_t") long rows,
      @Cast("int64_t") long tokens,
      @Cast("int64_t") long channels,
      @Cast("const lethe_bf16*") Pointer q,
      @Cast("const int64_t*") long[] qStrides,
      @Cast("const lethe_bf16*") Pointer k,
      @Cast("const int64_t*") long[] kStrides,
      @Cast("const lethe_bf16*") Pointer v,
      @Cast("const int64_t*") long[] vStrides,
      double scale,
      @Cast("const uint8_t*") Pointer columns,
      @Cast("const lethe_bf16*") Pointer out,
      @Cast("const int64_t*") long[] outStrides,
      @Cast("const double*") Pointer lse,
      @Cast("const lethe_bf16*") Pointer dOut,
      @Cast("const int64_t*") long[] dOutStrides,
      double dSumOfSquares,
      @Cast("lethe_bf16*") Pointer dq,
      @Cast("const int64_t*") long[] dqStrides,
      @Cast("lethe_bf16*") Pointer dk,
      @Cast("const int64_t*") long[] dkStrides,
      @Cast("lethe_bf16*") Pointer dv,
      @Cast("const int64_t*") long[] dvStrides);

  @Name("lethe_flash_attention_forward_f32")
  static native int flashAttentionForwardF32(
      @Cast("int64_t") long batch,
      @Cast("int64_t") long heads,
      @Cast("int64_t") long rows,
      @Cast("int64_t") long tokens,
      @Cast("int64_t") long channels,
      @Cast("const float*") Pointer q,
      @Cast("const int64_t*") long[] qStrides,
      @Cast("const float*") Pointer k,
      @Cast("const int64_t*") long[] kStrides,
      @Cast("const float*") Pointer v,
      @Cast("const int64_t*") long[] vStrides,
      double scale,
      int causal,
      @Cast("float*") Pointer out,
      @Cast("const int64_t*") long[] outStrides,
      @Cast("double*") Pointer lse);

  @Name("lethe_flash_attention_forward_bf16")
  static native int flashAttentionForwardBf16(
      @Cast("int64_t") long batch,
      @Cast("int64_t") long heads,
      @Cast("int64_t") long rows,
      @Cast("int64_t") long tokens,
      @Cast("int64_t") long channels,
      @Cast("const lethe_bf16*") Pointer q,
      @Cast("const int64_t*") long[] qStrides,
      @Cast("const lethe_bf16*") Pointer k,
      @Cast("const int64_t*") long[] kStrides,
      @Cast("const lethe_bf16*") Pointer v,
      @Cast("const int64_t*") long[] vStrides,
      double scale,
      int causal,
      @Cast("lethe_bf16*") Pointer out,
      @Cast("const int64_t*") long[] outStrides,
      @Cast("double*") Pointer lse);

  @Name("lethe_flash_attention_backward_f32")
  static native int flashAttentionBackwardF32(
      @Cast("int64_t") long batch,
      @Cast("int64_t") long heads,
      @Cast("int64_t") long rows,
      @Cast("int64_t") long tokens,
      @Cast("int64_t") long channels,
      @Cast("const float*") Pointer q,
      @Cast("const int64_t*") long[] qStrides,
      @Cast("const float*") Pointer k,
      @Cast("const int64_t*") long[] kStrides,
      @Cast("const float*") Pointer v,
      @Cast("const int64_t*") long[] vStrides,
      double scale,
      int causal,
      @Cast("const float*") Pointer out,
      @Cast("const int64_t*") long[] outStrides,
      @Cast("const double*") Pointer lse,
      @Cast("const float*") Pointer dOut,
      @Cast("const int64_t*") long[] dOutStrides,
      @Cast("float*") Pointer dq,
      @Cast("const int64_t*") long[] dqStrides,
      @Cast("float*") Pointer dk,
      @Cast("const int64_t*") long[] dkStrides,
      @Cast("float*") Pointer dv,
      @Cast("const int64_t*") long[] dvStrides);

  @Name("lethe_flash_attention_backward_bf16")
  static native int flashAttentionBackwardBf16(
      @Cast("int64_t") long batch,
      @Cast("int64_t") long heads,
      @Cast("int64_t") long rows,
      @Cast("int64_t") long tokens,
      @Cast("int64_t") long channels,
      @Cast("const lethe_bf16*") Pointer q,
      @Cast("const int64_t*") long[] qStrides,
      @Cast("const lethe_bf16*") Pointer k,
      @Cast("const int64_t*") long[] kStrides,
      @Cast("const lethe_bf16*") Pointer v,
      @Cast("const int64_t*") long[] vStrides,
      double scale,
      int causal,
      @Cast("const lethe_bf16*") Pointer out,
      @Cast("const int64_t*") long[] outStrides,
      @Cast("const double*") Pointer lse,
      @Cast("const lethe_bf16*") Pointer dOut,
      @Cast("const int64_t*") long[] dOutStrides,
      @Cast("lethe_bf16*") Pointer dq,
      @Cast("const int64_t*") long[] dqStrides,
      @Cast("lethe_bf16*") Pointer dk,
      @Cast("const int64_t*") long[] dkStrides,
      @Cast("lethe_bf16*") Pointer dv,
      @Cast("const int64_t*") long[] dvStrides);

  @Name("lethe_pgd_step_f32")
  static native int pgdStep(
      @Cast("int64_t") long samples,
      @Cast("int64_t") long size,
      @Cast("float*") Pointer x,
      @Cast("const float*") Pointer gradient,
      @Cast("const float*") Pointer center,
      @Cast("float*") Pointer expAvg,
      @Cast("float*") Pointer expAvgSq,
      @Cast("int64_t") long step,
      int rule,
      double stepSize,
      double beta1,
      double beta2,
      double eps,
      int ball,
      double radius,
      double lowest,
      double highest);

  @Name("lethe_pgd_step_bf16")
  static native int pgdStepBf16(
      @Cast("int64_t") long samples,
      @Cast("int64_t") long size,
      @Cast("float*") Pointer x,
      @Cast("const uint16_t*") Pointer gradient,
      @Cast("const float*") Pointer center,
      @Cast("float*") Pointer expAvg,
      @Cast("float*") Pointer expAvgSq,
      @Cast("int64_t") long step,
      int rule,
      double stepSize,
      double beta1,
      double beta2,
      double eps,
      int ball,
      double radius,
      double lowest,
      double highest);

  /** A {@code lethe_pgd_callback} in Java. What it throws would cross native frames: it must throw nothing. */
  static class PgdCallback extends FunctionPointer {
    protected PgdCallback() {
      allocate();
    }

    private native void allocate();

    public native int call(
        @Cast("void*") Pointer context,
        @Cast("int64_t") long step,
        @Cast("const float*") FloatPointer x,
        FloatPointer gradient,
        DoublePointer loss);
  }

  @Name("lethe_pgd_loop_f32")
  static native int pgdLoop(
      @Cast("int64_t") long samples,
      @Cast("int64_t") long size,
      @Cast("float*") Pointer x,
      @Cast("const float*") Pointer center,
      @Cast("float*") Pointer gradient,
      @Cast("float*") Pointer best,
      int rule,
      double stepSize,
      double beta1,
      double beta2,
      double eps,
      int ball,
      double radius,
      double lowest,
      double highest,
      @Cast("int64_t") long steps,
      double tolerance,
      @Cast("int") boolean accumulate,
      PgdCallback callback,
      Pointer context,
      @Cast("const volatile int*") IntPointer cancel,
      double[] losses,
      double[] gradientNorms,
      @Cast("int64_t*") long[] nanoseconds,
      @Cast("int64_t*") long[] recorded,
      @Cast("int64_t*") long[] bestStep,
      int[] stop);

  @Name("lethe_simplex_projection_f32")
  static native int simplexProjection(
      @Cast("int64_t") long rows,
      @Cast("int64_t") long columns,
      @Cast("const float*") Pointer x,
      @Cast("int64_t") long xStride,
      @Cast("float*") Pointer out,
      @Cast("int64_t") long outStride);

  @Name("lethe_simplex_projection_bf16")
  static native int simplexProjectionBf16(
      @Cast("int64_t") long rows,
      @Cast("int64_t") long columns,
      @Cast("const lethe_bf16*") Pointer x,
      @Cast("int64_t") long xStride,
      @Cast("lethe_bf16*") Pointer out,
      @Cast("int64_t") long outStride);

  @Name("lethe_fused_adamw_f32")
  static native int fusedAdamW(
      @Cast("int64_t") long tensors,
      @Cast("const int64_t*") long[] sizes,
      @Cast("float* const*") long[] parameters,
      @Cast("const float* const*") long[] gradients,
      @Cast("float* const*") long[] expAvg,
      @Cast("float* const*") long[] expAvgSq,
      @Cast("lethe_bf16* const*") long[] copies,
      @Cast("int64_t") long step,
      double learningRate,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      double maxNorm,
      @Cast("double*") Pointer norm);

  @Name("lethe_fused_adamw_bf16")
  static native int fusedAdamWBf16(
      @Cast("int64_t") long tensors,
      @Cast("const int64_t*") long[] sizes,
      @Cast("float* const*") long[] parameters,
      @Cast("const lethe_bf16* const*") long[] gradients,
      @Cast("float* const*") long[] expAvg,
      @Cast("float* const*") long[] expAvgSq,
      @Cast("lethe_bf16* const*") long[] copies,
      @Cast("int64_t") long step,
      double learningRate,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      double maxNorm,
      @Cast("double*") Pointer norm);
}
