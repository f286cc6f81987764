// The table of shapes that every implementation of simplex_projection is tested with, on any device.
#ifndef LETHE_TESTS_SIMPLEX_PROJECTION_CASES_H_
#define LETHE_TESTS_SIMPLEX_PROJECTION_CASES_H_

#include <cstdint>

#include "lethe_kernels.h"

namespace lethe::tests {

// An implementation behind the signatures of lethe_kernels.h.
struct SimplexProjectionKernel {
  decltype(&lethe_simplex_projection_f32) f32;
  decltype(&lethe_simplex_projection_bf16) bf16;
};

// What the rows look like.
enum class Values {
  kNormal,       // mean 0, variance 1: a few elements survive
  kOutliers,     // the same, one in fifty ten times as large
  kAfterStep,    // a uniform distribution after a step of 0.01 up or down: half of the elements survive
  kOneHot,       // on the simplex's corner, and a little noise
  kConstant,     // the uniform distribution results
  kHuge,         // 1e30 and larger: the largest element takes all
  kSpaced,       // -2^-i: the most steps that the threshold can take
};

struct SimplexProjectionCase {
  int64_t rows, columns, gap;
  Values values;
};

inline constexpr SimplexProjectionCase kSimplexProjectionCases[] = {
    // CLIP's vocabulary, as UnlearnDiffAtk has it
    {5, 49408, 0, Values::kAfterStep},
    {3, 49408, 0, Values::kOneHot},
    {2, 49408, 7, Values::kNormal},
    // tails, and the last element of a part and the first of the next
    {1, 1, 0, Values::kNormal},
    {3, 2, 1, Values::kNormal},
    {7, 13, 5, Values::kOutliers},
    {101, 31, 0, Values::kAfterStep},
    {2, 257, 1, Values::kOutliers},
    {1, 4095, 0, Values::kNormal},
    {2, 4096, 0, Values::kAfterStep},
    {2, 4097, 3, Values::kOutliers},
    {1, 10007, 0, Values::kNormal},
    // hard rows
    {3, 1000, 0, Values::kConstant},
    {2, 1021, 2, Values::kHuge},
    {2, 120, 0, Values::kSpaced},
};

// Runs the table, of every case at most max_columns columns; `name` begins every message.
void check_simplex_projection(const char* name, const SimplexProjectionKernel& kernel,
                              int64_t max_columns = INT64_MAX);

}  // namespace lethe::tests

#endif  // LETHE_TESTS_SIMPLEX_PROJECTION_CASES_H_
