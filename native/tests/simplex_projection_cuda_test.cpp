// The .cu file's kernels under the same table as the CPU's, run on the host: see cuda_on_host.h for what that shows.
#include <cmath>

#include "check.h"
#include "cuda_on_host.h"
#include "lethe_kernels.h"
#include "simplex_projection_cases.h"

namespace lethe::tests {
namespace {

// Fibers are slow. More columns only mean more turns of the same loops.
constexpr int64_t kMaxColumns = 1100;

constexpr SimplexProjectionKernel kKernel = {
    [](auto... arguments) { return lethe_simplex_projection_f32_cuda(arguments..., nullptr); },
    [](auto... arguments) { return lethe_simplex_projection_bf16_cuda(arguments..., nullptr); },
};

void handles_the_edges() {
  float x[2] = {NAN, 1};
  check(kKernel.f32(1, 2, x, 2, x, 2) == LETHE_OK && std::isnan(x[0]) && std::isnan(x[1]), "cuda: a NaN row is NaN");
  check(kKernel.f32(0, 2, nullptr, 2, nullptr, 2) == LETHE_OK, "cuda: no rows");
  check(kKernel.f32(-1, 2, x, 2, x, 2) == LETHE_BAD_ARGUMENT, "cuda: refuses what the CPU refuses");
}

}  // namespace
}  // namespace lethe::tests

int main() {
  using namespace lethe;
  for (cuda_on_host::Order order : {cuda_on_host::Order::kAscending, cuda_on_host::Order::kDescending}) {
    cuda_on_host::order = order;
    tests::check_simplex_projection("cuda on the host", tests::kKernel, tests::kMaxColumns);
  }
  tests::handles_the_edges();
  return tests::summary("simplex_projection.cu on the host");
}
