#include "reference/pgd_step.h"

#include <algorithm>
#include <cmath>

namespace lethe::reference {

template <typename Real>
void PgdStep<Real>::step(const std::vector<Real>& gradient) {
  steps++;
  for (int64_t sample = 0; sample < samples; sample++) {
    const int64_t begin = sample * size;
    const int64_t end = begin + size;
    Real gradient_squares = 0;
    for (int64_t i = begin; i < end; i++) {
      gradient_squares += gradient[i] * gradient[i];
    }
    Real perturbation_squares = 0;
    for (int64_t i = begin; i < end; i++) {
      move(i, gradient[i], std::sqrt(gradient_squares));
      perturbation_squares += (x[i] - center[i]) * (x[i] - center[i]);
    }
    for (int64_t i = begin; i < end; i++) {
      project(i, std::sqrt(perturbation_squares));
    }
  }
}

template <typename Real>
void PgdStep<Real>::move(int64_t i, Real g, Real gradient_norm) {
  const Real sign = g > 0 ? 1 : (g < 0 ? -1 : 0);
  if (rule == LETHE_PGD_SIGN) {
    x[i] -= step_size * sign;
  } else if (rule == LETHE_PGD_NORMALISED) {
    x[i] -= gradient_norm == 0 ? 0 : step_size * g / gradient_norm;
  } else {
    const Real used = rule == LETHE_PGD_ADAM ? g : sign;
    exp_avg[i] = beta1 * exp_avg[i] + (1 - beta1) * used;
    exp_avg_sq[i] = beta2 * exp_avg_sq[i] + (1 - beta2) * used * used;
    const Real m = exp_avg[i] / (1 - std::pow(beta1, static_cast<Real>(steps)));
    const Real v = exp_avg_sq[i] / (1 - std::pow(beta2, static_cast<Real>(steps)));
    x[i] -= step_size * m / (std::sqrt(v) + eps);
  }
}

template <typename Real>
void PgdStep<Real>::project(int64_t i, Real perturbation_norm) {
  if (ball == LETHE_PGD_LINF_BALL) {
    x[i] = center[i] + std::clamp(x[i] - center[i], -radius, radius);
  } else if (ball == LETHE_PGD_L2_BALL && perturbation_norm > radius) {
    x[i] = center[i] + (x[i] - center[i]) * (radius / perturbation_norm);
  }
  x[i] = std::clamp(x[i], lowest, highest);
}

template struct PgdStep<double>;
template struct PgdStep<float>;

}  // namespace lethe::reference
