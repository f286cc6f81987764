package lethe.image;

import java.util.Arrays;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Between the 8-bit levels of image files and the [-1, 1] of models, as diffusers' {@code VaeImageProcessor} does. */
final class Pixels {
  private Pixels() {}

  /** Planar bytes [3 * H * W] to float32 [3, H, W] in [-1, 1]. */
  static Tensor fromBytes(byte[] planes, int height, int width) {
    try (Scope scope = new Scope()) {
      Tensor levels = torch.empty(new long[] {3, height, width}, DType.U8.options(), null);
      levels.data_ptr_byte().put(planes, 0, planes.length);
      return scope.keep(fromLevels(levels));
    }
  }

  /** Float32 [3, H, W] in [-1, 1] to planar bytes [3 * H * W]; values outside are clamped, ties round to even. */
  static byte[] toBytes(Tensor image) {
    try (Scope scope = new Scope()) {
      Tensor levels = toLevels(image).to(DType.U8.scalarType()).cpu().contiguous();
      byte[] planes = new byte[Math.toIntExact(levels.numel())];
      levels.data_ptr_byte().get(planes, 0, planes.length);
      return planes;
    }
  }

  /** Levels 0..255 of any type to float32 in [-1, 1]. */
  static Tensor fromLevels(Tensor levels) {
    try (Scope scope = new Scope()) {
      Tensor unit = levels.to(DType.F32.scalarType()).div(new Scalar(255f));
      return scope.keep(unit.mul(new Scalar(2f)).sub(new Scalar(1f)));
    }
  }

  /** Values in [-1, 1] to float32 holding whole levels 0..255. */
  static Tensor toLevels(Tensor image) {
    try (Scope scope = new Scope()) {
      Tensor unit = image.detach().to(DType.F32.scalarType()).div(new Scalar(2f)).add(new Scalar(0.5f));
      Tensor clamped = torch.clamp(unit, new ScalarOptional(new Scalar(0f)), new ScalarOptional(new Scalar(1f)));
      return scope.keep(clamped.mul(new Scalar(255f)).round());
    }
  }

  /** Refuses what is not [3, H, W]: a programming error, not a user's. */
  static void requireImage(Tensor image) {
    if (image.dim() != 3 || image.size(0) != 3) {
      throw new IllegalArgumentException("not a [3, H, W] image: " + Arrays.toString(image.shape()));
    }
  }
}
