package lethe.tensor;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;

/** Apart from {@link lethe.tensor.Device}, whose verification would load LibTorch's classes whenever a flag names one. */
final class Placement {
  private Placement() {}

  /** A copy of {@code tensor} on {@code target}, owned by the current {@link Scope}. */
  static Tensor copy(Tensor tensor, Device target) {
    try (Scope scope = new Scope()) {
      return scope.keep(tensor.to(target, tensor.scalar_type()));
    }
  }
}
