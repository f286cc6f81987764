package lethe.kernel;

import static lethe.kernel.AttentionShape.input;
import static lethe.kernel.AttentionShape.output;
import static lethe.kernel.AttentionShape.strides;

import lethe.error.UserException;
import lethe.profile.KernelEvent;
import lethe.profile.NativeCallEvent;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Attention of N queries to T keys that never stores the [N, T] probabilities (FlashAttention-2, arXiv 2307.08691).
 *
 * <p>With P = softmax(scale * q k^T), [B, H, N, T], and 0 where a causal mask forbids: {@code out} = P v. fp32 or bf16, on
 * the CPU or a GPU; the tensors are read where they lie, so heads of a [B, N, H * d] projection need no copy. Autograd
 * does not see this operation: see {@link #backward}.
 *
 * @see Provider whether the native kernels can be used
 */
public final class FlashAttention {
  private static final String NAME = "flash_attention";

  private FlashAttention() {}

  /**
   * What {@link #forward} computes.
   *
   * @param out [B, H, N, d] of the type of q, a view of [B, N, H, d] memory
   * @param logSumExp log of the sum over t of exp(scale * q k^T), [B, H, N] fp64, for {@link #backward}
   */
  public record Forward(Tensor out, Tensor logSumExp) {}

  /** Whether the kernel takes this tensor's type and device. */
  public static boolean takes(Tensor q) {
    ScalarType type = q.scalar_type().intern();
    return Launch.takes(q) && (type == DType.F32.scalarType() || type == DType.BF16.scalarType());
  }

  /**
   * Runs the kernel.
   *
   * @param q queries, [B, H, N, d], last stride 1
   * @param k keys, [B, H, T, d], last stride 1
   * @param v values, [B, H, T, d], last stride 1
   * @param causal whether query n sees the keys 0..n only
   * @throws IllegalArgumentException for other shapes, types, devices or strides
   * @throws UserException if the kernels for that device do not load
   */
  public static Forward forward(Tensor q, Tensor k, Tensor v, double scale, boolean causal) {
    AttentionShape shape = AttentionShape.of(NAME, q, k, v);
    KernelEvent event = new KernelEvent();
    event.begin();
    try (Scope scope = new Scope();
        Launch launch = shape.launch()) {
      ForwardFunction function =
          launch.choose(
              shape.isBf16(),
              LetheKernels::flashAttentionForwardF32, LetheKernels::flashAttentionForwardBf16,
              LetheCudaKernels::flashAttentionForwardF32, LetheCudaKernels::flashAttentionForwardBf16);
      Tensor out = shape.empty(shape.rows());
      Tensor logSumExp = shape.emptyLogSumExp();
      NativeCallEvent call = shape.nativeCall(launch, "forward");
      int status =
          function.call(
              shape.batch(), shape.heads(), shape.rows(), shape.tokens(), shape.channels(),
              input(q), strides(q), input(k), strides(k), input(v), strides(v),
              scale, causal ? 1 : 0,
              output(out), strides(out), output(logSumExp));
      call.commit();
      shape.check(status, "forward");
      shape.record(event, "forward", true, q, k, v);
      return new Forward(scope.keep(out), scope.keep(logSumExp));
    }
  }

  /**
   * Gradients of {@code <out, dOut>}. The probabilities are recomputed tile by tile.
   *
   * @param saved what {@link #forward} gave for the same q, k, v, scale and mask
   * @param dOut gradient with respect to {@code out}, [B, H, N, d], any strides
   * @throws IllegalArgumentException for other shapes, types, devices or strides
   * @throws UserException if the kernels for that device do not load
   */
  public static AttentionGradients backward(
      Forward saved, Tensor q, Tensor k, Tensor v, double scale, boolean causal, Tensor dOut) {
    AttentionShape shape = AttentionShape.of(NAME, q, k, v);
    shape.requireRows("out", saved.out(), shape.rows());
    shape.requireLogSumExp(saved.logSumExp());
    KernelEvent event = new KernelEvent();
    event.begin();
    try (Scope scope = new Scope();
        Launch launch = shape.launch()) {
      BackwardFunction function =
          launch.choose(
              shape.isBf16(),
              LetheKernels::flashAttentionBackwardF32, LetheKernels::flashAttentionBackwardBf16,
              LetheCudaKernels::flashAttentionBackwardF32, LetheCudaKernels::flashAttentionBackwardBf16);
      Tensor dOutRows = shape.readableGradient(dOut);
      Tensor dq = shape.empty(shape.rows());
      Tensor dk = shape.empty(shape.tokens());
      Tensor dv = shape.empty(shape.tokens());
      NativeCallEvent call = shape.nativeCall(launch, "backward");
      int status =
          function.call(
              shape.batch(), shape.heads(), shape.rows(), shape.tokens(), shape.channels(),
              input(q), strides(q), input(k), strides(k), input(v), strides(v),
              scale, causal ? 1 : 0,
              input(saved.out()), strides(saved.out()), input(saved.logSumExp()), input(dOutRows), strides(dOutRows),
              output(dq), strides(dq), output(dk), strides(dk), output(dv), strides(dv));
      call.commit();
      shape.check(status, "backward");
      shape.record(event, "backward", true, q, k, v);
      return new AttentionGradients(scope.keep(dq), scope.keep(dk), scope.keep(dv));
    }
  }

  @FunctionalInterface
  private interface ForwardFunction {
    int call(
        long batch, long heads, long rows, long tokens, long channels,
        Pointer q, long[] qStrides, Pointer k, long[] kStrides, Pointer v, long[] vStrides,
        double scale, int causal,
        Pointer out, long[] outStrides, Pointer lse);
  }

  @FunctionalInterface
  private interface BackwardFunction {
    int call(
        long batch, long heads, long rows, long tokens, long channels,
        Pointer q, long[] qStrides, Pointer k, long[] kStrides, Pointer v, long[] vStrides,
        double scale, int causal,
        Pointer out, long[] outStrides, Pointer lse, Pointer dOut, long[] dOutStrides,
        Pointer dq, long[] dqStrides, Pointer dk, long[] dkStrides, Pointer dv, long[] dvStrides);
  }
}
