package lethe.kernel;

import java.util.Arrays;
import java.util.Locale;
import lethe.profile.KernelEvent;
import lethe.profile.NativeCallEvent;
import lethe.profile.Work;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Traced;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The sizes that the tensors of an attention kernel share, and the checks that every tensor has them: the kernels read
 * raw memory. fp32 or bf16, on one device, the last stride 1.
 *
 * @param kernel its name, for messages
 */
record AttentionShape(
    String kernel, long batch, long heads, long rows, long tokens, long channels, DType type, Device device) {
  /**
   * @param q [B, H, N, d]
   * @param k [B, H, T, d]
   * @param v [B, H, T, d], or null
   */
  static AttentionShape of(String kernel, Tensor q, Tensor k, Tensor v) {
    if (q.dim() != 4 || k.dim() != 4) {
      throw new IllegalArgumentException(
          kernel + ": q and k must be [B, H, N, d] and [B, H, T, d], got " + describe(q) + " and " + describe(k));
    }
    DType type = q.scalar_type().intern() == DType.BF16.scalarType() ? DType.BF16 : DType.F32;
    AttentionShape shape =
        new AttentionShape(kernel, q.size(0), q.size(1), q.size(2), k.size(2), q.size(3), type, Device.of(q));
    shape.requireRows("q", q, shape.rows);
    shape.requireRows("k", k, shape.tokens);
    if (v != null) {
      shape.requireRows("v", v, shape.tokens);
    }
    return shape;
  }

  boolean isBf16() {
    return type == DType.BF16;
  }

  /** Uninitialised [B, H, rows, d], in [B, rows, H, d] memory: as [B, rows, H * d] it is what a projection takes. */
  Tensor empty(long rows) {
    return torch.empty(new long[] {batch, rows, heads, channels}, device.options(type), null).transpose(1, 2);
  }

  /** Uninitialised [B, H, N], fp64. */
  Tensor emptyLogSumExp() {
    return torch.empty(new long[] {batch, heads, rows}, device.options(DType.F64), null);
  }

  /** A gradient as the kernels read it. Gradients of sums and means come expanded, with strides of 0. */
  Tensor readableGradient(Tensor dOut) {
    require("dOut", dOut, type, batch, heads, rows, channels);
    return hasUnitStride(dOut) ? dOut : dOut.contiguous();
  }

  void requireLogSumExp(Tensor logSumExp) {
    require("logSumExp", logSumExp, DType.F64, batch, heads, rows);
    requireContiguous("logSumExp", logSumExp);
  }

  void requireContiguous(String name, Tensor tensor) {
    if (!tensor.is_contiguous()) {
      throw new IllegalArgumentException(kernel + ": " + name + " must be contiguous");
    }
  }

  void requireRows(String name, Tensor tensor, long rows) {
    require(name, tensor, type, batch, heads, rows, channels);
    if (!hasUnitStride(tensor)) {
      throw new IllegalArgumentException(
          kernel + ": the last stride of " + name + " must be 1, got strides " + Arrays.toString(strides(tensor)));
    }
  }

  void require(String name, Tensor tensor, DType type, long... sizes) {
    if (!Launch.takes(tensor)
        || !Device.of(tensor).equals(device)
        || tensor.scalar_type().intern() != type.scalarType()
        || !Arrays.equals(sizes(tensor), sizes)) {
      throw new IllegalArgumentException(
          kernel + ": " + name + " must be " + type.shortName() + " " + Arrays.toString(sizes) + " on "
              + (device.equals(Device.META) ? "the CPU or a GPU" : device) + ", got " + describe(tensor));
    }
  }

  void check(int status, String direction) {
    if (status == LetheKernels.OK) {
      return;
    }
    String what = String.format(
        Locale.ROOT, "%s %s of %d x %d heads, %d x %d rows, %d channels",
        kernel, direction, batch, heads, rows, tokens, channels);
    if (status == LetheKernels.OUT_OF_MEMORY) {
      throw new OutOfMemoryError(what);
    }
    throw new IllegalStateException(what + ": " + LetheKernels.statusString(status));
  }

  /** Tells a running recording what the kernel did since {@code event} began. */
  void record(KernelEvent event, String direction, boolean withValues, Tensor... inputs) {
    event.end();
    if (event.shouldCommit()) {
      Work work =
          direction.equals("forward")
              ? Work.attention(batch * heads, rows, tokens, channels, withValues, type.bytes())
              : Work.attentionBackward(batch * heads, rows, tokens, channels, withValues, type.bytes());
      Traced.describe(event, kernel + " " + direction, NativeLibrary.TRACED_AS, inputs).costs(work).commit();
    }
  }

  Launch launch() {
    return Launch.on(device);
  }

  NativeCallEvent nativeCall(Launch launch, String direction) {
    return launch.nativeCall(kernel + "_" + direction, isBf16());
  }

  static long[] strides(Tensor tensor) {
    if (tensor == null) {
      return null;
    }
    long[] strides = new long[(int) tensor.dim()];
    Arrays.setAll(strides, tensor::stride);
    return strides;
  }

  static Pointer input(Tensor tensor) {
    return tensor == null ? null : tensor.const_data_ptr();
  }

  static Pointer output(Tensor tensor) {
    return tensor == null ? null : tensor.mutable_data_ptr();
  }

  private static boolean hasUnitStride(Tensor tensor) {
    return tensor.size(3) <= 1 || tensor.stride(3) == 1;
  }

  private static String describe(Tensor tensor) {
    return tensor.scalar_type().intern() + " " + Arrays.toString(sizes(tensor)) + " on " + Device.of(tensor);
  }

  private static long[] sizes(Tensor tensor) {
    long[] sizes = new long[(int) tensor.dim()];
    Arrays.setAll(sizes, tensor::size);
    return sizes;
  }
}
