// The argument checks that the entry points of pgd_step and pgd_loop share, on the CPU and on the GPU.
#ifndef LETHE_PGD_STEP_CHECKS_H_
#define LETHE_PGD_STEP_CHECKS_H_

#include <cfloat>
#include <cmath>

#include "checks.h"
#include "pgd_step.h"

namespace lethe {

inline bool uses_moments(int rule) { return rule == LETHE_PGD_ADAM || rule == LETHE_PGD_SIGN_ADAM; }

inline bool holds(const PgdUpdate& u) {
  const bool rule_holds =
      u.rule >= LETHE_PGD_SIGN && u.rule <= LETHE_PGD_SIGN_ADAM && std::fabs(u.step_size) <= FLT_MAX;
  const bool adam_holds = !uses_moments(u.rule) || (u.beta1 >= 0 && u.beta1 < 1 && u.beta2 >= 0 && u.beta2 < 1 &&
                                                    u.eps >= 0 && u.eps <= FLT_MAX);
  const bool ball_holds =
      u.ball == LETHE_PGD_NO_BALL ||
      ((u.ball == LETHE_PGD_LINF_BALL || u.ball == LETHE_PGD_L2_BALL) && u.radius >= 0 && u.radius <= FLT_MAX);
  return rule_holds && adam_holds && ball_holds && u.lowest <= u.highest;
}

// The constants of step t, from 1, of an update that holds.
inline PgdConstants pgd_constants(int64_t t, const PgdUpdate& u) {
  PgdConstants c = {};
  c.step_size = u.step_size;
  if (uses_moments(u.rule)) {
    c.beta1 = static_cast<float>(u.beta1);
    c.rest1 = static_cast<float>(1 - u.beta1);
    c.beta2 = static_cast<float>(u.beta2);
    c.rest2 = static_cast<float>(1 - u.beta2);
    c.adam_step = static_cast<float>(u.step_size / (1 - std::pow(u.beta1, static_cast<double>(t))));
    c.inverse_correction = static_cast<float>(1 / std::sqrt(1 - std::pow(u.beta2, static_cast<double>(t))));
    c.eps = static_cast<float>(u.eps);
  }
  c.radius = u.ball == LETHE_PGD_NO_BALL ? 0 : static_cast<float>(u.radius);
  c.lowest = static_cast<float>(u.lowest);
  c.highest = static_cast<float>(u.highest);
  return c;
}

// Checks the arguments of lethe_pgd_step_* and gathers them in `a`.
template <typename Gradient>
int check_pgd_step(int64_t samples, int64_t size, float* x, const Gradient* gradient, const float* center,
                   float* exp_avg, float* exp_avg_sq, int64_t step, const PgdUpdate& update, PgdStep<Gradient>& a) {
  const bool adam = uses_moments(update.rule);
  if (samples < 0 || size < 0 || (adam && step < 1) || !holds(update)) {
    return LETHE_BAD_ARGUMENT;
  }
  if (!fits({samples, size})) {
    return LETHE_TOO_LARGE;
  }
  const bool missing = x == nullptr || gradient == nullptr || (update.ball != LETHE_PGD_NO_BALL && center == nullptr) ||
                       (adam && (exp_avg == nullptr || exp_avg_sq == nullptr));
  if (missing && !empty({samples, size})) {
    return LETHE_BAD_ARGUMENT;
  }
  a = {samples,     size,        x,           gradient,
       center,      exp_avg,     exp_avg_sq,  update.rule,
       update.ball, pgd_constants(step, update)};
  return LETHE_OK;
}

template <typename Gradient>
bool nothing_to_do(const PgdStep<Gradient>& a) {
  return empty({a.samples, a.size});
}

}  // namespace lethe

#endif  // LETHE_PGD_STEP_CHECKS_H_
