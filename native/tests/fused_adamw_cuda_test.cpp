// The .cu file's kernels under the same table as the CPU's, run on the host: see cuda_on_host.h for what that shows.
#include "check.h"
#include "cuda_on_host.h"
#include "fused_adamw_cases.h"
#include "lethe_kernels.h"

namespace lethe::tests {
namespace {

// Fibers are slow. More elements only mean more turns of the same loops.
constexpr int64_t kMaxSize = 1100;

constexpr FusedAdamWKernel kKernel = {
    [](auto... arguments) { return lethe_fused_adamw_f32_cuda(arguments..., nullptr); },
    [](auto... arguments) { return lethe_fused_adamw_bf16_cuda(arguments..., nullptr); },
};

}  // namespace
}  // namespace lethe::tests

int main() {
  using namespace lethe;
  for (cuda_on_host::Order order : {cuda_on_host::Order::kAscending, cuda_on_host::Order::kDescending}) {
    cuda_on_host::order = order;
    tests::check_fused_adamw("cuda on the host", tests::kKernel, tests::kMaxSize);
  }
  tests::check(tests::kKernel.f32(-1, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, 1, 0, 0, 0, 0, 0, 1,
                                  nullptr) == LETHE_BAD_ARGUMENT,
               "cuda: refuses what the CPU refuses");
  return tests::summary("fused_adamw.cu on the host");
}
