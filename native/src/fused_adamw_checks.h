// The argument checks that the entry points of fused_adamw share, on the CPU and on the GPU.
#ifndef LETHE_FUSED_ADAMW_CHECKS_H_
#define LETHE_FUSED_ADAMW_CHECKS_H_

#include <cfloat>

#include "checks.h"
#include "fused_adamw.h"

namespace lethe {

template <typename Gradient>
int check_settings(const FusedAdamW<Gradient>& a) {
  const bool rates = a.learning_rate >= 0 && a.learning_rate <= FLT_MAX && a.weight_decay >= 0 &&
                     a.weight_decay <= FLT_MAX && a.eps >= 0 && a.eps <= FLT_MAX;
  const bool betas = a.beta1 >= 0 && a.beta1 < 1 && a.beta2 >= 0 && a.beta2 < 1;
  return rates && betas && a.step >= 1 && a.max_norm > 0 ? LETHE_OK : LETHE_BAD_ARGUMENT;
}

template <typename Gradient>
int check(const FusedAdamW<Gradient>& a) {
  if (a.tensors < 0 || check_settings(a) != LETHE_OK) {
    return LETHE_BAD_ARGUMENT;
  }
  if (!fits({a.tensors})) {
    return LETHE_TOO_LARGE;
  }
  if (a.tensors > 0 && (a.sizes == nullptr || a.parameters == nullptr || a.gradients == nullptr ||
                        a.exp_avg == nullptr || a.exp_avg_sq == nullptr)) {
    return LETHE_BAD_ARGUMENT;
  }
  int64_t total = 0;
  for (int64_t i = 0; i < a.tensors; i++) {
    if (a.sizes[i] < 0) {
      return LETHE_BAD_ARGUMENT;
    }
    if (__builtin_add_overflow(total, a.sizes[i], &total) || !fits({total})) {
      return LETHE_TOO_LARGE;
    }
    const bool used = a.sizes[i] > 0 && a.gradients[i] != nullptr;
    if (used && (a.parameters[i] == nullptr || a.exp_avg[i] == nullptr || a.exp_avg_sq[i] == nullptr)) {
      return LETHE_BAD_ARGUMENT;
    }
  }
  return LETHE_OK;
}

}  // namespace lethe

#endif  // LETHE_FUSED_ADAMW_CHECKS_H_
