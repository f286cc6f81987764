#include <omp.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "check.h"
#include "fused_adamw_cases.h"
#include "lethe_kernels.h"
#include "random.h"

namespace lethe::tests {
namespace {

// A small problem whose arguments the tests below spoil one at a time.
struct Arguments {
  int64_t tensors = 2;
  std::vector<int64_t> sizes = {3, 5};
  std::vector<float> p = std::vector<float>(8, 1.0f), g = std::vector<float>(8, 0.5f), m = std::vector<float>(8),
                     v = std::vector<float>(8);
  std::vector<float*> parameters = {p.data(), p.data() + 3}, exp_avg = {m.data(), m.data() + 3},
                      exp_avg_sq = {v.data(), v.data() + 3};
  std::vector<const float*> gradients = {g.data(), g.data() + 3};
  const int64_t* given_sizes = sizes.data();
  float* const* given_parameters = parameters.data();
  int64_t step = 1;
  double learning_rate = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0.01, max_norm = 1, norm = -1;

  int call() {
    return lethe_fused_adamw_f32(tensors, given_sizes, given_parameters, gradients.data(), exp_avg.data(),
                                 exp_avg_sq.data(), nullptr, step, learning_rate, beta1, beta2, eps, weight_decay,
                                 max_norm, &norm);
  }
};

template <typename Spoil>
void refuses(const char* what, int status, Spoil spoil) {
  Arguments arguments;
  spoil(arguments);
  check(arguments.call() == status, std::string("refuses ") + what);
  check(arguments.p == std::vector<float>(8, 1.0f), std::string("changes nothing: ") + what);
}

void refuses_bad_arguments() {
  Arguments good;
  check(good.call() == LETHE_OK, "unspoilt arguments pass");
  check(std::fabs(good.norm - std::sqrt(8 * 0.25)) < 1e-12, "the norm is reported");

  refuses("a negative number of tensors", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.tensors = -1; });
  refuses("a huge number of tensors", LETHE_TOO_LARGE, [](Arguments& a) { a.tensors = int64_t{1} << 61; });
  refuses("a negative size", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.sizes[1] = -1; });
  refuses("a huge size", LETHE_TOO_LARGE, [](Arguments& a) { a.sizes[1] = INT64_MAX; });
  refuses("missing sizes", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.given_sizes = nullptr; });
  refuses("missing parameters", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.given_parameters = nullptr; });
  refuses("a missing parameter", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.parameters[1] = nullptr; });
  refuses("a missing moment", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.exp_avg[1] = nullptr; });
  refuses("a missing second moment", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.exp_avg_sq[0] = nullptr; });
  refuses("step 0", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.step = 0; });
  refuses("a NaN rate", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.learning_rate = NAN; });
  refuses("an infinite rate", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.learning_rate = INFINITY; });
  refuses("beta1 = 1", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.beta1 = 1; });
  refuses("a negative beta2", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.beta2 = -0.1; });
  refuses("a negative eps", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.eps = -1; });
  refuses("a NaN decay", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.weight_decay = NAN; });
  refuses("a maximal norm of 0", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.max_norm = 0; });
  refuses("a NaN maximal norm", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.max_norm = NAN; });

  Arguments none;
  none.tensors = 0;
  none.given_sizes = nullptr;
  none.given_parameters = nullptr;
  check(none.call() == LETHE_OK && none.norm == 0, "no tensors");
}

// The first step of Adam goes by the learning rate against the sign of the gradient, however large that is.
void takes_the_known_first_step() {
  Arguments a;
  a.weight_decay = 0;
  a.g[0] = -1e-3f;
  check(a.call() == LETHE_OK && std::fabs(a.p[0] - 1.1f) < 1e-5f && std::fabs(a.p[7] - 0.9f) < 1e-5f, "first step");
}

void passes_on_what_is_not_a_number() {
  Arguments a;
  a.g[4] = NAN;
  a.max_norm = INFINITY;
  check(a.call() == LETHE_OK && std::isnan(a.p[4]) && std::isfinite(a.p[3]), "a NaN stays where it is");
  Arguments clipped;
  clipped.g[4] = NAN;
  check(clipped.call() == LETHE_OK && std::isnan(clipped.norm) && std::isnan(clipped.p[0]), "clipping spreads it");
}

void does_not_depend_on_the_number_of_threads() {
  const std::vector<int64_t> sizes = {100003, 5, 40000, 1};
  const int default_threads = omp_get_max_threads();
  std::vector<float> first;
  for (int threads : {1, 2, 4, 7}) {
    omp_set_num_threads(threads);
    Random random(3);
    std::vector<float> all;
    std::vector<std::vector<float>> p, g, m, v;
    for (int64_t size : sizes) {
      const std::vector<double> values = random.tensor(size, true), slopes = random.tensor(size, true);
      p.emplace_back(values.begin(), values.end());
      g.emplace_back(slopes.begin(), slopes.end());
      m.emplace_back(size);
      v.emplace_back(size);
    }
    std::vector<float*> parameters, exp_avg, exp_avg_sq;
    std::vector<const float*> gradients;
    for (size_t i = 0; i < sizes.size(); i++) {
      parameters.push_back(p[i].data());
      gradients.push_back(g[i].data());
      exp_avg.push_back(m[i].data());
      exp_avg_sq.push_back(v[i].data());
    }
    double norm = 0;
    check(lethe_fused_adamw_f32(4, sizes.data(), parameters.data(), gradients.data(), exp_avg.data(),
                                exp_avg_sq.data(), nullptr, 1, 1e-3, 0.9, 0.999, 1e-8, 0.01, 1, &norm) == LETHE_OK,
          "runs with " + std::to_string(threads) + " threads");
    all.resize(2);
    std::memcpy(all.data(), &norm, sizeof(norm));
    for (const auto& tensors : {p, m, v}) {
      for (const auto& tensor : tensors) {
        all.insert(all.end(), tensor.begin(), tensor.end());
      }
    }
    if (first.empty()) {
      first = all;
    }
    check(std::memcmp(all.data(), first.data(), all.size() * sizeof(float)) == 0,
          "the same bits with " + std::to_string(threads) + " threads");
  }
  omp_set_num_threads(default_threads);
}

}  // namespace
}  // namespace lethe::tests

int main() {
  using namespace lethe::tests;
  check_fused_adamw(lethe_cpu_isa(), {lethe_fused_adamw_f32, lethe_fused_adamw_bf16});
  takes_the_known_first_step();
  does_not_depend_on_the_number_of_threads();
  passes_on_what_is_not_a_number();
  refuses_bad_arguments();
  return summary((std::string("fused_adamw, ") + lethe_cpu_isa()).c_str());
}
