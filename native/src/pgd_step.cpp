// pgd_step on the CPU: checks the arguments and hands them to the best variant of pgd_step_simd.cpp.
#include "pgd_step.h"

#include "pgd_step_checks.h"

namespace lethe {

int pgd_step(const PgdStep<float>& a) { LETHE_DISPATCH(pgd_step, a); }

int pgd_step(const PgdStep<lethe_bf16>& a) { LETHE_DISPATCH(pgd_step, a); }

int pgd_step_keeping(const PgdStep<float>& a, float* kept) { LETHE_DISPATCH(pgd_step_keeping, a, kept); }

double pgd_gradient(const PgdGradient& a) { LETHE_DISPATCH(pgd_gradient, a); }

namespace {

template <typename Gradient>
int checked_pgd_step(int64_t samples, int64_t size, float* x, const Gradient* gradient, const float* center,
                     float* exp_avg, float* exp_avg_sq, int64_t step, const PgdUpdate& update) {
  PgdStep<Gradient> a;
  const int status = check_pgd_step(samples, size, x, gradient, center, exp_avg, exp_avg_sq, step, update, a);
  return status != LETHE_OK || nothing_to_do(a) ? status : pgd_step(a);
}

}  // namespace
}  // namespace lethe

extern "C" int lethe_pgd_step_f32(int64_t samples, int64_t size, float* x, const float* gradient,  //
                                  const float* center, float* exp_avg, float* exp_avg_sq, int64_t step, int rule,
                                  double step_size, double beta1, double beta2, double eps,  //
                                  int ball, double radius, double lowest, double highest) {
  return lethe::checked_pgd_step(samples, size, x, gradient, center, exp_avg, exp_avg_sq, step,
                                 {rule, step_size, beta1, beta2, eps, ball, radius, lowest, highest});
}

extern "C" int lethe_pgd_step_bf16(int64_t samples, int64_t size, float* x, const lethe_bf16* gradient,  //
                                   const float* center, float* exp_avg, float* exp_avg_sq, int64_t step, int rule,
                                   double step_size, double beta1, double beta2, double eps,  //
                                   int ball, double radius, double lowest, double highest) {
  return lethe::checked_pgd_step(samples, size, x, gradient, center, exp_avg, exp_avg_sq, step,
                                 {rule, step_size, beta1, beta2, eps, ball, radius, lowest, highest});
}
