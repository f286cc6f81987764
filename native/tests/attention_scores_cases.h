// The table of shapes that every implementation of attention_scores is tested with, on any device.
#ifndef LETHE_TESTS_ATTENTION_SCORES_CASES_H_
#define LETHE_TESTS_ATTENTION_SCORES_CASES_H_

#include <cstdint>
#include <type_traits>

#include "attention_problem.h"
#include "lethe_kernels.h"

namespace lethe::tests {

// An implementation behind the signatures of lethe_kernels.h.
template <typename Element>
struct AttentionScoresKernel {
  std::conditional_t<kIsBf16<Element>, decltype(&lethe_attention_scores_forward_bf16),
                     decltype(&lethe_attention_scores_forward_f32)>
      forward;
  std::conditional_t<kIsBf16<Element>, decltype(&lethe_attention_scores_backward_bf16),
                     decltype(&lethe_attention_scores_backward_f32)>
      backward;
};

inline constexpr AttentionCase kAttentionScoresCases[] = {
    // Stable Diffusion 1.4's cross-attentions, by resolution
    {1, 2, 4096, 77, 40, Layout::kProjection, false},
    {2, 2, 1024, 77, 80, Layout::kProjection, true},
    {1, 8, 256, 77, 160, Layout::kProjection, true},
    {2, 8, 64, 77, 160, Layout::kProjection, false},
    // Stable Diffusion 2.x
    {1, 5, 576, 77, 64, Layout::kProjection, true},
    // tails of every dimension
    {1, 1, 1, 1, 1, Layout::kContiguous, false},
    {1, 1, 1, 77, 64, Layout::kContiguous, true},
    {2, 3, 33, 1, 7, Layout::kGaps, true},
    {1, 2, 31, 2, 40, Layout::kGaps, false},
    {3, 2, 257, 15, 7, Layout::kGaps, true},
    {2, 2, 100, 16, 1, Layout::kContiguous, false},
    {1, 3, 513, 17, 65, Layout::kGaps, false},
    {2, 1, 300, 130, 33, Layout::kProjection, true},
    {1, 1, 37, 1000, 24, Layout::kGaps, true},
    {5, 1, 7, 77, 128, Layout::kContiguous, true},
    // more keys than a chunk of queries keeps probabilities of
    {1, 2, 70, 1030, 10, Layout::kProjection, false},
    // the last row of a split, and the first of the next
    {1, 1, 2047, 5, 8, Layout::kContiguous, false},
    {1, 1, 2049, 5, 8, Layout::kContiguous, false},
};

// Runs the table, of every case at most max_rows query rows; `name` begins every message.
template <typename Element>
void check_attention_scores(const char* name, const AttentionScoresKernel<Element>& kernel,
                            int64_t max_rows = INT64_MAX);

extern template void check_attention_scores(const char*, const AttentionScoresKernel<float>&, int64_t);
extern template void check_attention_scores(const char*, const AttentionScoresKernel<lethe_bf16>&, int64_t);

}  // namespace lethe::tests

#endif  // LETHE_TESTS_ATTENTION_SCORES_CASES_H_
