package lethe.model.scheduler;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Linear combinations of latents with float32 factors; results are owned by the current scope. */
final class Combination {
  private Combination() {}

  static Tensor scale(float factor, Tensor tensor) {
    return tensor.mul(new Scalar(factor));
  }

  static Tensor divide(Tensor tensor, float divisor) {
    return tensor.div(new Scalar(divisor));
  }

  /** {@code a x + b y} */
  static Tensor of(float a, Tensor x, float b, Tensor y) {
    return scale(a, x).add(scale(b, y));
  }

  static Tensor toFloat32(Tensor tensor) {
    return tensor.to(ScalarType.Float);
  }

  static float sqrt(float value) {
    return (float) Math.sqrt(value);
  }
}
