// fused_adamw in plain loops. In double it is what the kernels are compared with; in float it says how much of their error is
// the price of float itself.
#ifndef LETHE_REFERENCE_FUSED_ADAMW_H_
#define LETHE_REFERENCE_FUSED_ADAMW_H_

#include <cstdint>
#include <vector>

namespace lethe::reference {

template <typename Real>
struct AdamW {
  double learning_rate, beta1, beta2, eps, weight_decay, max_norm;

  struct Tensor {
    std::vector<Real> parameter, exp_avg, exp_avg_sq;
  };

  // Updates the tensors; one whose gradient is empty stays. Returns the norm of all gradients, NaN if max_norm is infinite.
  double step(int64_t t, std::vector<Tensor>& tensors, const std::vector<std::vector<Real>>& gradients) const;
};

}  // namespace lethe::reference

#endif  // LETHE_REFERENCE_FUSED_ADAMW_H_
