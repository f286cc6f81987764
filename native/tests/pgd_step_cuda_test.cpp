// The .cu file's kernels under the same table as the CPU's, run on the host: see cuda_on_host.h for what that shows.
#include "check.h"
#include "cuda_on_host.h"
#include "lethe_kernels.h"
#include "pgd_step_cases.h"

namespace lethe::tests {
namespace {

// Fibers are slow. More elements only mean more turns of the same loops; a part of the kernel's is 2,048.
constexpr int64_t kMaxSize = 2500;

constexpr PgdStepKernel kKernel = {
    [](auto... arguments) { return lethe_pgd_step_f32_cuda(arguments..., nullptr); },
    [](auto... arguments) { return lethe_pgd_step_bf16_cuda(arguments..., nullptr); },
};

void handles_empty_tensors_and_refuses_what_the_cpu_refuses() {
  float x[2] = {1, 2};
  const float gradient[2] = {1, 1};
  const auto run = [&](int64_t samples, int64_t size, int rule) {
    return kKernel.f32(samples, size, x, gradient, nullptr, nullptr, nullptr, 1, rule, 1, 0.9, 0.999, 1e-8,
                       LETHE_PGD_NO_BALL, 0, -9, 9);
  };
  check(run(0, 2, LETHE_PGD_SIGN) == LETHE_OK && run(2, 0, LETHE_PGD_SIGN) == LETHE_OK && x[0] == 1, "cuda: empty");
  check(run(-1, 2, LETHE_PGD_SIGN) == LETHE_BAD_ARGUMENT, "cuda: refuses a negative size");
  check(run(1, 2, LETHE_PGD_ADAM) == LETHE_BAD_ARGUMENT, "cuda: refuses missing moments");
  check(run(1, INT64_MAX, LETHE_PGD_SIGN) == LETHE_TOO_LARGE, "cuda: refuses huge sizes");
}

}  // namespace
}  // namespace lethe::tests

int main() {
  using namespace lethe;
  for (cuda_on_host::Order order : {cuda_on_host::Order::kAscending, cuda_on_host::Order::kDescending}) {
    cuda_on_host::order = order;
    tests::check_pgd_step("cuda on the host", tests::kKernel, tests::kMaxSize);
  }
  tests::handles_empty_tensors_and_refuses_what_the_cpu_refuses();
  return tests::summary("pgd_step.cu on the host");
}
