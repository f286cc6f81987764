// The arguments of pgd_step after they were checked, and one implementation per instruction set.
// The names and shapes are those of lethe_kernels.h.
#ifndef LETHE_PGD_STEP_H_
#define LETHE_PGD_STEP_H_

#include <stdint.h>

#include "isa.h"
#include "lethe_kernels.h"

namespace lethe {

// How an attack moves.
struct PgdUpdate {
  int rule;
  double step_size, beta1, beta2, eps;
  int ball;
  double radius, lowest, highest;
};

// What the arithmetic of an element needs, worked out once per call.
struct PgdConstants {
  double step_size;
  float beta1, rest1;        // rest1 = 1 - beta1
  float beta2, rest2;        // rest2 = 1 - beta2
  float adam_step;           // step_size / (1 - beta1^t)
  float inverse_correction;  // 1 / sqrt(1 - beta2^t)
  float eps;
  float radius, lowest, highest;
};

template <typename Gradient>  // float or lethe_bf16
struct PgdStep {
  int64_t samples, size;
  float* x;
  const Gradient* gradient;
  const float* center;
  float *exp_avg, *exp_avg_sq;
  int rule, ball;
  PgdConstants constants;
};

// The gradient of a step of the PGD loop: [size] floats, and what is fed to the update instead of it.
struct PgdGradient {
  int64_t size;
  const float* gradient;
  float* sum;  // takes the gradient; NULL where nothing is summed up
  bool signs;  // the sum is replaced by its signs
};

// pgd_step_keeping: as pgd_step, and `kept` takes x as it was. pgd_gradient: the sum of the gradient's squares; adds the
// gradient to the sum.
LETHE_DECLARE_VARIANTS(int pgd_step(const PgdStep<float>& a);            //
                       int pgd_step(const PgdStep<lethe_bf16>& a);       //
                       int pgd_step_keeping(const PgdStep<float>& a, float* kept);
                       double pgd_gradient(const PgdGradient& a))

// The best of them.
int pgd_step(const PgdStep<float>& a);
int pgd_step(const PgdStep<lethe_bf16>& a);
int pgd_step_keeping(const PgdStep<float>& a, float* kept);
double pgd_gradient(const PgdGradient& a);

}  // namespace lethe

#endif  // LETHE_PGD_STEP_H_
