// The CUDA kernels under the same table as the CPU's, run on the host: see cuda_on_host.h for what that shows.
#include "attention_scores_cases.h"
#include "check.h"
#include "cuda_on_host.h"
#include "lethe_kernels.h"

namespace lethe::tests {
namespace {

// Fibers are slow. More rows than a tile and a part of the next only mean more turns of the same loops.
constexpr int64_t kMaxRows = 40;

constexpr AttentionScoresKernel<float> kF32 = {
    [](auto... arguments) { return lethe_attention_scores_forward_f32_cuda(arguments..., nullptr); },
    [](auto... arguments) { return lethe_attention_scores_backward_f32_cuda(arguments..., nullptr); },
};

constexpr AttentionScoresKernel<lethe_bf16> kBf16 = {
    [](auto... arguments) { return lethe_attention_scores_forward_bf16_cuda(arguments..., nullptr); },
    [](auto... arguments) { return lethe_attention_scores_backward_bf16_cuda(arguments..., nullptr); },
};

void handles_empty_tensors() {
  const float q[4] = {1, 2, 3, 4};
  const int64_t strides[4] = {4, 4, 2, 1};
  float result[4] = {7, 7, 7, 7};
  double lse[2] = {0, 0};
  double sum = -1;
  check(kF32.forward(1, 1, 0, 2, 2, nullptr, strides, q, strides, q, strides, 1, nullptr, nullptr, strides, nullptr,
                     &sum, 0, nullptr, nullptr) == LETHE_OK &&
            sum == 0,
        "cuda: no rows, no sum");
  sum = -1;
  check(kF32.forward(1, 1, 2, 0, 2, q, strides, nullptr, strides, nullptr, strides, 1, nullptr, result, strides, lse,
                     &sum, 0, nullptr, nullptr) == LETHE_OK &&
            sum == 0 && result[3] == 0 && lse[1] == -INFINITY,
        "cuda: no tokens, out is 0");
  result[3] = 7;
  check(kF32.backward(1, 1, 0, 2, 2, nullptr, strides, q, strides, nullptr, strides, 1, nullptr, nullptr, strides,
                      nullptr, nullptr, strides, 1, nullptr, strides, result, strides, nullptr, strides) == LETHE_OK &&
            result[3] == 0,
        "cuda: no rows, dk is 0");
  check(kF32.forward(1, 1, -1, 2, 2, q, strides, q, strides, q, strides, 1, nullptr, result, strides, lse, &sum, 0,
                     nullptr, nullptr) == LETHE_BAD_ARGUMENT,
        "cuda: refuses what the CPU refuses");
}

}  // namespace
}  // namespace lethe::tests

int main() {
  using namespace lethe;
  for (cuda_on_host::Order order : {cuda_on_host::Order::kAscending, cuda_on_host::Order::kDescending}) {
    cuda_on_host::order = order;
    tests::check_attention_scores("cuda on the host", tests::kF32, tests::kMaxRows);
    tests::check_attention_scores("cuda on the host", tests::kBf16, tests::kMaxRows);
  }
  tests::handles_empty_tensors();
  return tests::summary("attention_scores.cu on the host");
}
