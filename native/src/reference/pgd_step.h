// pgd_step in plain loops. In double it is what the kernels are compared with; in float it says how much of their error is
// the price of float itself.
#ifndef LETHE_REFERENCE_PGD_STEP_H_
#define LETHE_REFERENCE_PGD_STEP_H_

#include <cstdint>
#include <vector>

#include "lethe_kernels.h"

namespace lethe::reference {

template <typename Real>
struct PgdStep {
  int64_t samples, size;
  lethe_pgd_rule rule;
  Real step_size, beta1, beta2, eps;
  lethe_pgd_ball ball;
  Real radius, lowest, highest;
  std::vector<Real> x, center, exp_avg, exp_avg_sq;  // [samples, size]
  int64_t steps = 0;

  void step(const std::vector<Real>& gradient);

 private:
  void move(int64_t i, Real g, Real gradient_norm);
  void project(int64_t i, Real perturbation_norm);
};

extern template struct PgdStep<double>;
extern template struct PgdStep<float>;

}  // namespace lethe::reference

#endif  // LETHE_REFERENCE_PGD_STEP_H_
