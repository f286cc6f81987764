// The table of tasks that every implementation of fused_adamw is tested with, on any device.
#ifndef LETHE_TESTS_FUSED_ADAMW_CASES_H_
#define LETHE_TESTS_FUSED_ADAMW_CASES_H_

#include <cstdint>
#include <vector>

#include "lethe_kernels.h"

namespace lethe::tests {

// An implementation behind the signatures of lethe_kernels.h.
struct FusedAdamWKernel {
  decltype(&lethe_fused_adamw_f32) f32;
  decltype(&lethe_fused_adamw_bf16) bf16;
};

struct FusedAdamWCase {
  std::vector<int64_t> sizes;  // negative: a tensor of that many elements without a gradient
  double learning_rate, beta1, beta2, eps, weight_decay, max_norm;
  bool outliers, copies;
};

// Runs the table, of every tensor at most max_size elements; `name` begins every message.
void check_fused_adamw(const char* name, const FusedAdamWKernel& kernel, int64_t max_size = INT64_MAX);

}  // namespace lethe::tests

#endif  // LETHE_TESTS_FUSED_ADAMW_CASES_H_
