// The argument checks that the entry points of pgd_step and pgd_loop share, on the CPU and on the GPU.
#ifndef LETHE_PGD_STEP_CHECKS_H_
#define LETHE_PGD_STEP_CHECKS_H_

#include <cfloat>
#include <cmath>

#include "checks.h"
#include "pgd_step.h"

namespace lethe {

inline bool uses_moments(int rule) { return rule == LETHE_PGD_ADAM || rule == LETHE_PGD_SIGN_ADAM; }

inline int check_pgd_update(int rule, double step_size, double beta1, double beta2, double eps, int ball, double radius,
                            double lowest, double highest) {
  const bool rule_holds = rule >= LETHE_PGD_SIGN && rule <= LETHE_PGD_SIGN_ADAM && std::fabs(step_size) <= FLT_MAX;
  const bool adam_holds = !uses_moments(rule) || (beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && eps >= 0 &&
                                                  eps <= FLT_MAX);
  const bool ball_holds = ball == LETHE_PGD_NO_BALL ||
                          ((ball == LETHE_PGD_LINF_BALL || ball == LETHE_PGD_L2_BALL) && radius >= 0 &&
                           radius <= FLT_MAX);
  return rule_holds && adam_holds && ball_holds && lowest <= highest ? LETHE_OK : LETHE_BAD_ARGUMENT;
}

// The constants of step t of an update that passed the check.
inline PgdConstants pgd_constants(int64_t t, int rule, double step_size, double beta1, double beta2, double eps,
                                  int ball, double radius, double lowest, double highest) {
  PgdConstants c = {};
  c.step_size = step_size;
  if (uses_moments(rule)) {
    c.beta1 = static_cast<float>(beta1);
    c.rest1 = static_cast<float>(1 - beta1);
    c.beta2 = static_cast<float>(beta2);
    c.rest2 = static_cast<float>(1 - beta2);
    c.adam_step = static_cast<float>(step_size / (1 - std::pow(beta1, static_cast<double>(t))));
    c.inverse_correction = static_cast<float>(1 / std::sqrt(1 - std::pow(beta2, static_cast<double>(t))));
    c.eps = static_cast<float>(eps);
  }
  c.radius = ball == LETHE_PGD_NO_BALL ? 0 : static_cast<float>(radius);
  c.lowest = static_cast<float>(lowest);
  c.highest = static_cast<float>(highest);
  return c;
}

// Checks the arguments of lethe_pgd_step_* and gathers them in `a`.
template <typename Gradient>
int check_pgd_step(int64_t samples, int64_t size, float* x, const Gradient* gradient, const float* center,
                   float* exp_avg, float* exp_avg_sq, int64_t step, int rule, double step_size, double beta1,
                   double beta2, double eps, int ball, double radius, double lowest, double highest,
                   PgdStep<Gradient>& a) {
  if (samples < 0 || size < 0 || (uses_moments(rule) && step < 1)) {
    return LETHE_BAD_ARGUMENT;
  }
  const int status = check_pgd_update(rule, step_size, beta1, beta2, eps, ball, radius, lowest, highest);
  if (status != LETHE_OK) {
    return status;
  }
  if (!fits({samples, size})) {
    return LETHE_TOO_LARGE;
  }
  const bool missing = x == nullptr || gradient == nullptr || (ball != LETHE_PGD_NO_BALL && center == nullptr) ||
                       (uses_moments(rule) && (exp_avg == nullptr || exp_avg_sq == nullptr));
  if (missing && !empty({samples, size})) {
    return LETHE_BAD_ARGUMENT;
  }
  a = {samples,
       size,
       x,
       gradient,
       center,
       exp_avg,
       exp_avg_sq,
       rule,
       ball,
       pgd_constants(step, rule, step_size, beta1, beta2, eps, ball, radius, lowest, highest)};
  return LETHE_OK;
}

template <typename Gradient>
bool nothing_to_do(const PgdStep<Gradient>& a) {
  return empty({a.samples, a.size});
}

}  // namespace lethe

#endif  // LETHE_PGD_STEP_CHECKS_H_
