package lethe.kernel;

import java.util.Arrays;
import lethe.error.UserException;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Cross-attention together with the squared attention that chosen tokens receive, in one pass that never stores the
 * probabilities. Attention resteering (Forget-Me-Not, arXiv 2303.17591, section 3) minimises the latter.
 *
 * <p>With P = softmax(scale * q k^T), [B, H, N, T]: {@code out} = P v, {@code sumOfSquares} = the sum of P² over the
 * chosen columns. float32 on the CPU; the tensors are read where they lie, so heads of a [B, N, H * d] projection need
 * no copy. Autograd does not see this operation: see {@link #backward}.
 *
 * @see Provider whether the native kernels can be used
 */
public final class AttentionScores {
  private AttentionScores() {}

  /**
   * What {@link #forward} computes.
   *
   * @param out [B, H, N, d], a view of [B, N, H, d] memory; null if v is
   * @param logSumExp log of the sum over t of exp(scale * q k^T), [B, H, N], for {@link #backward}
   * @param sumOfSquares 0-dim
   */
  public record Forward(Tensor out, Tensor logSumExp, Tensor sumOfSquares) {}

  /**
   * Gradients of the shapes of q, k and v; views of [B, N, H, d] and [B, T, H, d] memory.
   *
   * @param dv null if v is
   */
  public record Backward(Tensor dq, Tensor dk, Tensor dv) {}

  /**
   * Runs the kernel.
   *
   * @param q queries, [B, H, N, d], last stride 1
   * @param k keys, [B, H, T, d], last stride 1
   * @param v values, [B, H, T, d], last stride 1, or null where only the sum is wanted
   * @param columns uint8 [B, T], contiguous, not 0 = chosen; null for none
   * @throws IllegalArgumentException for other shapes, types, devices or strides
   * @throws UserException if the native library does not load
   */
  public static Forward forward(Tensor q, Tensor k, Tensor v, double scale, Tensor columns) {
    NativeLibrary.load();
    Shape shape = Shape.of(q, k, v, columns);
    try (Scope scope = new Scope()) {
      Tensor out = v == null ? null : shape.empty(shape.rows);
      Tensor logSumExp = torch.empty(new long[] {shape.batch, shape.heads, shape.rows}, DType.F32.options(), null);
      double[] sumOfSquares = new double[1];
      int status =
          LetheKernels.attentionScoresForward(
              shape.batch,
              shape.heads,
              shape.rows,
              shape.tokens,
              shape.channels,
              input(q),
              strides(q),
              input(k),
              strides(k),
              input(v),
              strides(v),
              scale,
              input(columns),
              output(out),
              strides(out),
              output(logSumExp),
              sumOfSquares);
      check(status, "forward", shape);
      return new Forward(
          out == null ? null : scope.keep(out),
          scope.keep(logSumExp),
          scope.keep(torch.scalar_tensor(new Scalar(sumOfSquares[0]), DType.F32.options())));
    }
  }

  /**
   * Gradients of {@code <out, dOut> + dSumOfSquares * sumOfSquares}. The probabilities are recomputed tile by tile.
   *
   * @param saved what {@link #forward} gave for the same q, k, v, scale and columns
   * @param dOut gradient with respect to {@code out}, [B, H, N, d], any strides; null for zero
   * @param dSumOfSquares gradient with respect to {@code sumOfSquares}, 0-dim; null for zero
   * @throws IllegalArgumentException for other shapes, types, devices or strides; for a dOut without v
   * @throws UserException if the native library does not load
   */
  public static Backward backward(
      Forward saved, Tensor q, Tensor k, Tensor v, double scale, Tensor columns, Tensor dOut, Tensor dSumOfSquares) {
    NativeLibrary.load();
    Shape shape = Shape.of(q, k, v, columns);
    requireLogSumExp(saved.logSumExp(), shape);
    if (dOut != null) {
      if (v == null) {
        throw new IllegalArgumentException("attention_scores: dOut is given, but v is null");
      }
      requireFloat("dOut", dOut, shape.batch, shape.heads, shape.rows, shape.channels);
    }
    try (Scope scope = new Scope()) {
      Tensor dq = shape.empty(shape.rows);
      Tensor dk = shape.empty(shape.tokens);
      Tensor dv = v == null ? null : shape.empty(shape.tokens);
      // Gradients of sums and means come expanded, with strides of 0.
      Tensor dOutRows = dOut == null || hasUnitStride(dOut) ? dOut : dOut.contiguous();
      boolean withOut = dOut != null;
      int status =
          LetheKernels.attentionScoresBackward(
              shape.batch,
              shape.heads,
              shape.rows,
              shape.tokens,
              shape.channels,
              input(q),
              strides(q),
              input(k),
              strides(k),
              withOut ? input(v) : null,
              strides(v),
              scale,
              input(columns),
              input(saved.logSumExp()),
              input(dOutRows),
              strides(dOutRows),
              dSumOfSquares == null ? 0 : dSumOfSquares.item_double(),
              output(dq),
              strides(dq),
              output(dk),
              strides(dk),
              withOut ? output(dv) : null,
              strides(dv));
      check(status, "backward", shape);
      if (dv != null && !withOut) {
        dv.zero_();
      }
      return new Backward(scope.keep(dq), scope.keep(dk), dv == null ? null : scope.keep(dv));
    }
  }

  private record Shape(long batch, long heads, long rows, long tokens, long channels) {
    static Shape of(Tensor q, Tensor k, Tensor v, Tensor columns) {
      if (q.dim() != 4 || k.dim() != 4) {
        throw new IllegalArgumentException(
            "attention_scores: q and k must be [B, H, N, d] and [B, H, T, d], got " + describe(q) + " and "
                + describe(k));
      }
      Shape shape = new Shape(q.size(0), q.size(1), q.size(2), k.size(2), q.size(3));
      requireRows("q", q, shape, shape.rows);
      requireRows("k", k, shape, shape.tokens);
      if (v != null) {
        requireRows("v", v, shape, shape.tokens);
      }
      if (columns != null) {
        require("columns", columns, DType.U8, shape.batch, shape.tokens);
        if (!columns.is_contiguous()) {
          throw new IllegalArgumentException("attention_scores: columns must be contiguous");
        }
      }
      return shape;
    }

    /** Uninitialised [B, H, rows, d], in [B, rows, H, d] memory: as [B, rows, H * d] it is what a projection takes. */
    Tensor empty(long rows) {
      return torch.empty(new long[] {batch, rows, heads, channels}, DType.F32.options(), null).transpose(1, 2);
    }
  }

  private static void requireRows(String name, Tensor tensor, Shape shape, long rows) {
    requireFloat(name, tensor, shape.batch, shape.heads, rows, shape.channels);
    if (!hasUnitStride(tensor)) {
      throw new IllegalArgumentException(
          "attention_scores: the last stride of " + name + " must be 1, got strides "
              + Arrays.toString(strides(tensor)));
    }
  }

  private static void requireLogSumExp(Tensor logSumExp, Shape shape) {
    requireFloat("logSumExp", logSumExp, shape.batch, shape.heads, shape.rows);
    if (!logSumExp.is_contiguous()) {
      throw new IllegalArgumentException("attention_scores: logSumExp must be contiguous");
    }
  }

  private static void requireFloat(String name, Tensor tensor, long... sizes) {
    require(name, tensor, DType.F32, sizes);
  }

  private static void require(String name, Tensor tensor, DType type, long... sizes) {
    if (!tensor.is_cpu()
        || tensor.scalar_type().intern() != type.scalarType()
        || !Arrays.equals(sizes(tensor), sizes)) {
      throw new IllegalArgumentException(
          "attention_scores: " + name + " must be " + type.shortName() + " " + Arrays.toString(sizes)
              + " on the CPU, got " + describe(tensor));
    }
  }

  private static boolean hasUnitStride(Tensor tensor) {
    return tensor.size(3) <= 1 || tensor.stride(3) == 1;
  }

  private static String describe(Tensor tensor) {
    return tensor.scalar_type().intern() + " " + Arrays.toString(sizes(tensor)) + (tensor.is_cpu() ? "" : " elsewhere");
  }

  private static long[] sizes(Tensor tensor) {
    long[] sizes = new long[(int) tensor.dim()];
    Arrays.setAll(sizes, tensor::size);
    return sizes;
  }

  private static long[] strides(Tensor tensor) {
    if (tensor == null) {
      return null;
    }
    long[] strides = new long[(int) tensor.dim()];
    Arrays.setAll(strides, tensor::stride);
    return strides;
  }

  private static Pointer input(Tensor tensor) {
    return tensor == null ? null : tensor.const_data_ptr();
  }

  private static Pointer output(Tensor tensor) {
    return tensor == null ? null : tensor.mutable_data_ptr();
  }

  private static void check(int status, String direction, Shape shape) {
    if (status == LetheKernels.OUT_OF_MEMORY) {
      throw new OutOfMemoryError("attention_scores " + direction + " of " + shape);
    }
    if (status != LetheKernels.OK) {
      throw new IllegalStateException(
          "attention_scores " + direction + " of " + shape + ": " + LetheKernels.statusString(status));
    }
  }
}
