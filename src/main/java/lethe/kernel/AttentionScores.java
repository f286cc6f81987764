package lethe.kernel;

import static lethe.kernel.AttentionShape.input;
import static lethe.kernel.AttentionShape.output;
import static lethe.kernel.AttentionShape.strides;

import lethe.error.UserException;
import lethe.profile.KernelEvent;
import lethe.profile.NativeCallEvent;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Cross-attention together with the squared attention that chosen tokens receive, in one pass that never stores the
 * probabilities. Attention resteering (Forget-Me-Not, arXiv 2303.17591, section 3) minimises the latter.
 *
 * <p>With P = softmax(scale * q k^T), [B, H, N, T]: {@code out} = P v, {@code sumOfSquares} = the sum of P² over the
 * chosen columns. fp32 or bf16, on the CPU or a GPU; the tensors are read where they lie, so heads of a
 * [B, N, H * d] projection need no copy. Autograd does not see this operation: see {@link #backward}.
 *
 * @see Provider whether the native kernels can be used
 */
public final class AttentionScores {
  private static final String NAME = "attention_scores";
  private static final long[] NO_TOKENS = {};
  private static final long[] SCALAR = {};

  private AttentionScores() {}

  /**
   * What {@link #forward} computes.
   *
   * @param out [B, H, N, d] of the type of q, a view of [B, N, H, d] memory; null if v is
   * @param logSumExp log of the sum over t of exp(scale * q k^T), [B, H, N] fp64, for {@link #backward}
   * @param sumOfSquares 0-dim, fp32
   */
  public record Forward(Tensor out, Tensor logSumExp, Tensor sumOfSquares) {}

  /**
   * Runs the kernel.
   *
   * @param q queries, [B, H, N, d], last stride 1
   * @param k keys, [B, H, T, d], last stride 1
   * @param v values, [B, H, T, d], last stride 1, or null where only the sum is wanted
   * @param columns uint8 [B, T], contiguous, not 0 = chosen; null for none
   * @throws IllegalArgumentException for other shapes, types, devices or strides
   * @throws UserException if the kernels for that device do not load
   */
  public static Forward forward(Tensor q, Tensor k, Tensor v, double scale, Tensor columns) {
    return forward(q, k, v, scale, columns, NO_TOKENS, null);
  }

  /**
   * The attention that tokens receive at every position, as a mean over the heads: a heat map for each token.
   *
   * @param q queries, [B, H, N, d], last stride 1
   * @param k keys, [B, H, T, d], last stride 1
   * @param tokens M positions in 0..T-1
   * @return [B, M, N] fp32
   * @throws IllegalArgumentException for other shapes, types, devices or strides, or a position outside 0..T-1
   * @throws UserException if the kernels for that device do not load
   */
  public static Tensor maps(Tensor q, Tensor k, double scale, long... tokens) {
    for (long token : tokens) {
      if (token < 0 || token >= k.size(2)) {
        throw new IllegalArgumentException(NAME + ": there is no token " + token + " among " + k.size(2));
      }
    }
    try (Scope scope = new Scope()) {
      TensorOptions options = Device.of(q).options(DType.F32);
      Tensor maps = torch.empty(new long[] {q.size(0), tokens.length, q.size(2)}, options, null);
      forward(q, k, null, scale, null, tokens, maps);
      return scope.keep(maps);
    }
  }

  private static Forward forward(
      Tensor q, Tensor k, Tensor v, double scale, Tensor columns, long[] mapTokens, Tensor maps) {
    AttentionShape shape = shape(q, k, v, columns);
    KernelEvent event = new KernelEvent();
    event.begin();
    try (Scope scope = new Scope();
        Launch launch = shape.launch()) {
      ForwardFunction function =
          launch.choose(
              shape.isBf16(),
              LetheKernels::attentionScoresForwardF32, LetheKernels::attentionScoresForwardBf16,
              LetheCudaKernels::attentionScoresForwardF32, LetheCudaKernels::attentionScoresForwardBf16);
      Tensor out = v == null ? null : shape.empty(shape.rows());
      Tensor logSumExp = shape.emptyLogSumExp();
      Tensor sumOfSquares = torch.empty(SCALAR, shape.device().options(DType.F64), null);
      NativeCallEvent call = shape.nativeCall(launch, "forward");
      int status =
          function.call(
              shape.batch(), shape.heads(), shape.rows(), shape.tokens(), shape.channels(),
              input(q), strides(q), input(k), strides(k), input(v), strides(v),
              scale, input(columns),
              output(out), strides(out), output(logSumExp), output(sumOfSquares),
              mapTokens.length, mapTokens, output(maps));
      call.commit();
      shape.check(status, "forward");
      shape.record(event, "forward", v != null, q, k, v);
      return new Forward(
          out == null ? null : scope.keep(out),
          scope.keep(logSumExp),
          scope.keep(sumOfSquares.to(DType.F32.scalarType())));
    }
  }

  /**
   * Gradients of {@code <out, dOut> + dSumOfSquares * sumOfSquares}. The probabilities are recomputed tile by tile.
   *
   * @param saved what {@link #forward} gave for the same q, k, v, scale and columns
   * @param dOut gradient with respect to {@code out}, [B, H, N, d], any strides; null for zero
   * @param dSumOfSquares gradient with respect to {@code sumOfSquares}, 0-dim; null for zero
   * @throws IllegalArgumentException for other shapes, types, devices or strides; for a dOut without v
   * @throws UserException if the kernels for that device do not load
   */
  public static AttentionGradients backward(
      Forward saved, Tensor q, Tensor k, Tensor v, double scale, Tensor columns, Tensor dOut, Tensor dSumOfSquares) {
    AttentionShape shape = shape(q, k, v, columns);
    shape.requireLogSumExp(saved.logSumExp());
    if (dOut != null && v == null) {
      throw new IllegalArgumentException(NAME + ": dOut is given, but v is null");
    }
    if (dOut != null) {
      shape.requireRows("out", saved.out(), shape.rows());
    }
    KernelEvent event = new KernelEvent();
    event.begin();
    try (Scope scope = new Scope();
        Launch launch = shape.launch()) {
      BackwardFunction function =
          launch.choose(
              shape.isBf16(),
              LetheKernels::attentionScoresBackwardF32, LetheKernels::attentionScoresBackwardBf16,
              LetheCudaKernels::attentionScoresBackwardF32, LetheCudaKernels::attentionScoresBackwardBf16);
      Tensor dq = shape.empty(shape.rows());
      Tensor dk = shape.empty(shape.tokens());
      Tensor dv = v == null ? null : shape.empty(shape.tokens());
      boolean withOut = dOut != null;
      Tensor dOutRows = withOut ? shape.readableGradient(dOut) : null;
      NativeCallEvent call = shape.nativeCall(launch, "backward");
      int status =
          function.call(
              shape.batch(), shape.heads(), shape.rows(), shape.tokens(), shape.channels(),
              input(q), strides(q), input(k), strides(k), withOut ? input(v) : null, strides(v),
              scale, input(columns),
              withOut ? input(saved.out()) : null, strides(saved.out()), input(saved.logSumExp()),
              input(dOutRows), strides(dOutRows), dSumOfSquares == null ? 0 : dSumOfSquares.item_double(),
              output(dq), strides(dq), output(dk), strides(dk), withOut ? output(dv) : null, strides(dv));
      call.commit();
      shape.check(status, "backward");
      shape.record(event, "backward", withOut, q, k, v);
      if (dv != null && !withOut) {
        dv.zero_();
      }
      return new AttentionGradients(scope.keep(dq), scope.keep(dk), dv == null ? null : scope.keep(dv));
    }
  }

  private static AttentionShape shape(Tensor q, Tensor k, Tensor v, Tensor columns) {
    AttentionShape shape = AttentionShape.of(NAME, q, k, v);
    if (columns != null) {
      shape.require("columns", columns, DType.U8, shape.batch(), shape.tokens());
      shape.requireContiguous("columns", columns);
    }
    return shape;
  }

  @FunctionalInterface
  private interface ForwardFunction {
    int call(
        long batch, long heads, long rows, long tokens, long channels,
        Pointer q, long[] qStrides, Pointer k, long[] kStrides, Pointer v, long[] vStrides,
        double scale, Pointer columns,
        Pointer out, long[] outStrides, Pointer lse, Pointer sumOfSquares,
        long mapCount, long[] mapTokens, Pointer maps);
  }

  @FunctionalInterface
  private interface BackwardFunction {
    int call(
        long batch, long heads, long rows, long tokens, long channels,
        Pointer q, long[] qStrides, Pointer k, long[] kStrides, Pointer v, long[] vStrides,
        double scale, Pointer columns, Pointer out, long[] outStrides, Pointer lse,
        Pointer dOut, long[] dOutStrides, double dSumOfSquares,
        Pointer dq, long[] dqStrides, Pointer dk, long[] dkStrides, Pointer dv, long[] dvStrides);
  }
}
