#include "reference/fused_adamw.h"

#include <algorithm>
#include <cmath>

namespace lethe::reference {

template <typename Real>
double AdamW<Real>::step(int64_t t, std::vector<Tensor>& tensors,
                         const std::vector<std::vector<Real>>& gradients) const {
  double norm = NAN;
  Real factor = 1;
  if (std::isfinite(max_norm)) {
    Real squares = 0;
    for (const std::vector<Real>& gradient : gradients) {
      for (Real g : gradient) {
        squares += g * g;
      }
    }
    norm = std::sqrt(squares);
    factor = static_cast<Real>(std::min(1.0, max_norm / (norm + 1e-6)));
  }
  const Real step_size = static_cast<Real>(learning_rate / (1 - std::pow(beta1, t)));
  const Real correction = static_cast<Real>(std::sqrt(1 - std::pow(beta2, t)));
  for (size_t i = 0; i < tensors.size(); i++) {
    for (size_t j = 0; j < gradients[i].size(); j++) {
      const Real g = factor * gradients[i][j];
      Real& p = tensors[i].parameter[j];
      Real& m = tensors[i].exp_avg[j];
      Real& v = tensors[i].exp_avg_sq[j];
      p *= static_cast<Real>(1 - learning_rate * weight_decay);
      m = static_cast<Real>(beta1) * m + static_cast<Real>(1 - beta1) * g;
      v = static_cast<Real>(beta2) * v + static_cast<Real>(1 - beta2) * g * g;
      p -= step_size * m / (std::sqrt(v) / correction + static_cast<Real>(eps));
    }
  }
  return norm;
}

template struct AdamW<float>;
template struct AdamW<double>;

}  // namespace lethe::reference
