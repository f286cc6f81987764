// The arguments of fused_adamw after they were checked, and one implementation per instruction set.
// The names and shapes are those of lethe_kernels.h.
#ifndef LETHE_FUSED_ADAMW_H_
#define LETHE_FUSED_ADAMW_H_

#include <stdint.h>

#include "isa.h"
#include "lethe_kernels.h"

namespace lethe {

template <typename Gradient>
struct FusedAdamW {
  int64_t tensors;
  const int64_t* sizes;
  float* const* parameters;
  const Gradient* const* gradients;
  float* const* exp_avg;
  float* const* exp_avg_sq;
  lethe_bf16* const* copies;
  int64_t step;
  double learning_rate, beta1, beta2, eps, weight_decay;
  double max_norm;
  double* norm;
};

LETHE_DECLARE_VARIANTS(int fused_adamw(const FusedAdamW<float>& a);
                       int fused_adamw(const FusedAdamW<lethe_bf16>& a))

}  // namespace lethe

#endif  // LETHE_FUSED_ADAMW_H_
