package lethe.attack.prompt;

import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Euclidean projection onto the probability simplex in plain LibTorch operations, exact unlike the published one. */
final class Simplex {
  private Simplex() {}

  /**
   * The nearest distribution to every row: exact, by sorting (Duchi et al., ICML 2008, figure 1). The published code
   * searches the same threshold by bisection, to 1e-5.
   *
   * @param rows [k, V]
   * @return [k, V], owned by the current scope
   */
  static Tensor project(Tensor rows) {
    try (Scope scope = new Scope()) {
      // In double: a running sum over 49,408 elements loses digits in float.
      Tensor values = rows.to(DType.F64.scalarType());
      T_TensorTensor_T sorted = torch.sort(values, 1, true);
      Tensor excess = sorted.get0().cumsum(1).sub(new Scalar(1.0));
      Tensor rank =
          torch.arange(new Scalar(1L), new Scalar(rows.size(1) + 1), Device.of(rows).options(DType.F64));
      Tensor support = sorted.get0().mul(rank).gt(excess).sum(new long[] {1}, true, null);
      Tensor threshold = excess.gather(1, support.sub(new Scalar(1L))).div(support);
      return scope.keep(values.sub(threshold).clamp_min(new Scalar(0.0)).to(rows.scalar_type()));
    }
  }
}
