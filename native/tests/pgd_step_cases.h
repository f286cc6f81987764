// The table of updates that every implementation of pgd_step is tested with, on any device.
#ifndef LETHE_TESTS_PGD_STEP_CASES_H_
#define LETHE_TESTS_PGD_STEP_CASES_H_

#include <cstdint>

#include "lethe_kernels.h"

namespace lethe::tests {

// An implementation behind the signatures of lethe_kernels.h.
struct PgdStepKernel {
  decltype(&lethe_pgd_step_f32) f32;
  decltype(&lethe_pgd_step_bf16) bf16;
};

struct PgdStepShape {
  int64_t samples, size;
  bool outliers;
};

// Each runs under every rule, ball, bound and type of gradient.
inline constexpr PgdStepShape kPgdStepShapes[] = {
    // adversarial embeddings of 1, 4 and 16 tokens: Stable Diffusion 1.x and 2.x
    {1, 768, true},
    {3, 4 * 768, false},
    {1, 16 * 1024, true},
    // tails
    {1, 1, false},
    {5, 1, true},
    {2, 31, true},
    {7, 33, false},
    {1, 7919, true},
    // the last element of a part, and the first of the next
    {2, 4095, false},
    {2, 4096, true},
    {3, 4097, false},
    // more than one thread's
    {1, 100003, true},
    {40, 2048, true},
};

// Runs the table, of every case at most max_size elements a sample; `name` begins every message.
void check_pgd_step(const char* name, const PgdStepKernel& kernel, int64_t max_size = INT64_MAX);

}  // namespace lethe::tests

#endif  // LETHE_TESTS_PGD_STEP_CASES_H_
