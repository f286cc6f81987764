// The CUDA kernels under the same table as the CPU's, run on the host: see cuda_on_host.h for what that shows.
#include "check.h"
#include "cuda_on_host.h"
#include "flash_attention_cases.h"
#include "lethe_kernels.h"

namespace lethe::tests {
namespace {

// Fibers are slow. More rows and keys than two tiles and a part of the next only mean more turns of the same loops.
constexpr int64_t kMaxRows = 70;

constexpr FlashAttentionKernel<float> kF32 = {
    [](auto... arguments) { return lethe_flash_attention_forward_f32_cuda(arguments..., nullptr); },
    [](auto... arguments) { return lethe_flash_attention_backward_f32_cuda(arguments..., nullptr); },
};

constexpr FlashAttentionKernel<lethe_bf16> kBf16 = {
    [](auto... arguments) { return lethe_flash_attention_forward_bf16_cuda(arguments..., nullptr); },
    [](auto... arguments) { return lethe_flash_attention_backward_bf16_cuda(arguments..., nullptr); },
};

void handles_empty_tensors() {
  const float q[4] = {1, 2, 3, 4};
  const int64_t strides[4] = {4, 4, 2, 1};
  double lse[2] = {0, 0};
  float result[4] = {7, 7, 7, 7}, more[4] = {7, 7, 7, 7};
  check(kF32.forward(1, 1, 2, 0, 2, q, strides, nullptr, strides, nullptr, strides, 1, 0, result, strides, lse) ==
                LETHE_OK &&
            result[3] == 0 && lse[1] == -INFINITY,
        "cuda: no tokens, out is 0");
  result[3] = 7;
  check(kF32.forward(1, 1, 2, 2, 2, q, strides, q, strides, q, strides, 0, 0, result, strides, nullptr) == LETHE_OK &&
            result[3] == 3,
        "cuda: forward does without lse");
  check(kF32.backward(1, 1, 0, 2, 2, nullptr, strides, q, strides, q, strides, 1, 0, nullptr, strides, nullptr, nullptr,
                      strides, nullptr, strides, result, strides, more, strides) == LETHE_OK &&
            result[3] == 0 && more[3] == 0,
        "cuda: no rows, dk and dv are 0");
  check(kF32.forward(1, 1, -1, 2, 2, q, strides, q, strides, q, strides, 1, 0, result, strides, lse) ==
            LETHE_BAD_ARGUMENT,
        "cuda: refuses what the CPU refuses");
}

}  // namespace
}  // namespace lethe::tests

int main() {
  using namespace lethe;
  for (cuda_on_host::Order order : {cuda_on_host::Order::kAscending, cuda_on_host::Order::kDescending}) {
    cuda_on_host::order = order;
    tests::check_flash_attention("cuda on the host", tests::kF32, tests::kMaxRows);
    tests::check_flash_attention("cuda on the host", tests::kBf16, tests::kMaxRows);
  }
  tests::handles_empty_tensors();
  return tests::summary("flash_attention.cu on the host");
}
