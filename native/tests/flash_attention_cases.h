// The table of shapes that every implementation of flash_attention is tested with, on any device.
#ifndef LETHE_TESTS_FLASH_ATTENTION_CASES_H_
#define LETHE_TESTS_FLASH_ATTENTION_CASES_H_

#include <cstdint>
#include <type_traits>

#include "attention_problem.h"
#include "lethe_kernels.h"

namespace lethe::tests {

// An implementation behind the signatures of lethe_kernels.h.
template <typename Element>
struct FlashAttentionKernel {
  std::conditional_t<kIsBf16<Element>, decltype(&lethe_flash_attention_forward_bf16),
                     decltype(&lethe_flash_attention_forward_f32)>
      forward;
  std::conditional_t<kIsBf16<Element>, decltype(&lethe_flash_attention_backward_bf16),
                     decltype(&lethe_flash_attention_backward_f32)>
      backward;
};

inline constexpr AttentionCase kFlashAttentionCases[] = {
    // Stable Diffusion 1.4: self-attentions by resolution (the largest with fewer tokens), and the text encoder
    {1, 1, 1088, 1088, 40, Layout::kProjection, false},
    {2, 1, 576, 576, 80, Layout::kProjection, true},
    {1, 2, 256, 256, 160, Layout::kProjection, true},
    {2, 8, 64, 64, 160, Layout::kProjection, false},
    {2, 3, 77, 77, 64, Layout::kProjection, true, true},
    // Stable Diffusion 2.x, and the autoencoder
    {1, 2, 300, 300, 64, Layout::kProjection, false},
    {1, 1, 130, 130, 512, Layout::kContiguous, true},
    // tails of every dimension
    {1, 1, 1, 1, 1, Layout::kContiguous, false},
    {1, 1, 1, 300, 64, Layout::kContiguous, true},
    {2, 3, 33, 1, 7, Layout::kGaps, true},
    {1, 2, 31, 2, 40, Layout::kGaps, false},
    {3, 2, 257, 77, 7, Layout::kGaps, true},
    {2, 2, 100, 16, 1, Layout::kContiguous, false},
    {1, 3, 129, 255, 65, Layout::kGaps, false},
    {2, 1, 300, 130, 33, Layout::kProjection, true},
    {1, 1, 37, 1000, 24, Layout::kGaps, true},
    {1, 1, 1000, 127, 16, Layout::kGaps, false},
    {5, 1, 7, 63, 128, Layout::kContiguous, true},
    // causal, with as many, more and fewer rows than keys
    {1, 2, 1, 1, 40, Layout::kContiguous, false, true},
    {1, 1, 300, 300, 40, Layout::kProjection, false, true},
    {2, 2, 300, 77, 33, Layout::kGaps, true, true},
    {1, 2, 77, 300, 80, Layout::kGaps, true, true},
    {1, 1, 5, 1000, 8, Layout::kContiguous, false, true},
    {1, 1, 257, 256, 160, Layout::kContiguous, true, true},
};

// Runs the table, of every case at most max_rows query rows and keys; `name` begins every message.
template <typename Element>
void check_flash_attention(const char* name, const FlashAttentionKernel<Element>& kernel,
                           int64_t max_rows = INT64_MAX);

extern template void check_flash_attention(const char*, const FlashAttentionKernel<float>&, int64_t);
extern template void check_flash_attention(const char*, const FlashAttentionKernel<lethe_bf16>&, int64_t);

}  // namespace lethe::tests

#endif  // LETHE_TESTS_FLASH_ATTENTION_CASES_H_
