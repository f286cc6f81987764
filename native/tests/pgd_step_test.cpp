#include <omp.h>

#include <cfloat>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "check.h"
#include "lethe_kernels.h"
#include "pgd_step_cases.h"
#include "random.h"

namespace lethe::tests {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A small problem whose arguments the tests below spoil one at a time.
struct Arguments {
  int64_t samples = 2, size = 3, step = 1;
  std::vector<float> x = std::vector<float>(6, 0.25f);
  std::vector<float> gradient = {1, -2, 0, 3, 0, 4};
  std::vector<float> zeros = std::vector<float>(6);
  std::vector<float> exp_avg = zeros, exp_avg_sq = zeros;
  float* x_data = x.data();
  const float* gradient_data = gradient.data();
  const float* center = zeros.data();
  float* exp_avg_data = exp_avg.data();
  float* exp_avg_sq_data = exp_avg_sq.data();
  int rule = LETHE_PGD_ADAM, ball = LETHE_PGD_L2_BALL;
  double step_size = 0.5, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, radius = 1, lowest = -kInfinity, highest = kInfinity;

  int run() {
    const std::vector<lethe_bf16> halves(6);
    const lethe_bf16* halves_data = gradient_data == nullptr ? nullptr : halves.data();
    const auto with = [&](auto function, auto* typed_gradient, float* target) {
      return function(samples, size, target, typed_gradient, center, exp_avg_data, exp_avg_sq_data, step, rule,
                      step_size, beta1, beta2, eps, ball, radius, lowest, highest);
    };
    std::vector<float> other(6);
    const int status = with(lethe_pgd_step_bf16, halves_data, x_data == nullptr ? nullptr : other.data());
    std::fill(exp_avg.begin(), exp_avg.end(), 0.0f);
    std::fill(exp_avg_sq.begin(), exp_avg_sq.end(), 0.0f);
    const int status_f32 = with(lethe_pgd_step_f32, gradient_data, x_data);
    check(status == status_f32, "one status for both types");
    return status_f32;
  }
};

template <typename Spoil>
void refuses(const char* what, int status, Spoil spoil) {
  Arguments arguments;
  spoil(arguments);
  check(arguments.run() == status, std::string("refuses ") + what);
  check(arguments.x == std::vector<float>(6, 0.25f), std::string("leaves x alone: ") + what);
}

void refuses_bad_arguments() {
  check(Arguments().run() == LETHE_OK, "unspoilt arguments pass");
  refuses("negative samples", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.samples = -1; });
  refuses("a negative size", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.size = -3; });
  refuses("a missing x", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.x_data = nullptr; });
  refuses("a missing gradient", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.gradient_data = nullptr; });
  refuses("a missing center", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.center = nullptr; });
  refuses("a missing exp_avg", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.exp_avg_data = nullptr; });
  refuses("a missing exp_avg_sq", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.exp_avg_sq_data = nullptr; });
  refuses("step 0", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.step = 0; });
  refuses("an unknown rule", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.rule = 4; });
  refuses("a negative rule", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.rule = -1; });
  refuses("an unknown ball", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.ball = 3; });
  refuses("a NaN step size", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.step_size = kNaN; });
  refuses("a step size beyond floats", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.step_size = -2.0 * FLT_MAX; });
  refuses("a beta1 of 1", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.beta1 = 1; });
  refuses("a negative beta2", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.beta2 = -0.1; });
  refuses("a NaN eps", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.eps = kNaN; });
  refuses("a negative radius", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.radius = -1; });
  refuses("an infinite radius", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.radius = kInfinity; });
  refuses("bounds the wrong way round", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.lowest = 1, a.highest = 0; });
  refuses("a NaN bound", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.highest = kNaN; });
  refuses("sizes whose product overflows", LETHE_TOO_LARGE,
          [](Arguments& a) { a.samples = a.size = int64_t{1} << 32; });
  refuses("one huge size", LETHE_TOO_LARGE, [](Arguments& a) { a.size = INT64_MAX; });
  refuses("huge samples", LETHE_TOO_LARGE, [](Arguments& a) { a.samples = int64_t{1} << 60; });
  refuses("more memory than there is", LETHE_OUT_OF_MEMORY, [](Arguments& a) {
    a.size = 1;
    a.samples = int64_t{1} << 50;
  });
}

void takes_what_a_rule_does_not_need_as_it_is() {
  Arguments a;
  a.rule = LETHE_PGD_SIGN;
  a.ball = LETHE_PGD_NO_BALL;
  a.center = nullptr;
  a.exp_avg_data = a.exp_avg_sq_data = nullptr;
  a.step = 0;
  a.radius = a.beta1 = a.eps = kNaN;
  check(a.run() == LETHE_OK && a.x[0] == -0.25f && a.x[1] == 0.75f && a.x[2] == 0.25f, "signs need nothing more");
}

void handles_empty_tensors() {
  for (int64_t Arguments::* size : {&Arguments::samples, &Arguments::size}) {
    Arguments a;
    a.*size = 0;
    a.x_data = nullptr;
    a.gradient_data = a.center = nullptr;
    check(a.run() == LETHE_OK, "no elements");
  }
  Arguments endless;
  endless.samples = INT64_MAX;
  endless.size = 0;
  check(endless.run() == LETHE_OK, "no elements however many samples");
}

void passes_on_what_is_not_a_number() {
  for (int rule : {LETHE_PGD_SIGN, LETHE_PGD_NORMALISED, LETHE_PGD_ADAM, LETHE_PGD_SIGN_ADAM}) {
    for (int ball : {LETHE_PGD_NO_BALL, LETHE_PGD_LINF_BALL, LETHE_PGD_L2_BALL}) {
      Arguments a;
      a.rule = rule;
      a.ball = ball;
      a.lowest = -1;
      a.highest = 1;
      a.gradient[1] = kNaN;
      const std::string name = "rule " + std::to_string(rule) + ", ball " + std::to_string(ball);
      check(a.run() == LETHE_OK && std::isnan(a.x[1]), name + ": a poisoned element stays so");
      check(std::isfinite(a.x[3]) && std::isfinite(a.x[4]) && std::isfinite(a.x[5]), name + ": a sample is alone");
    }
  }
}

void normalises_the_smallest_and_the_largest() {
  for (float scale : {1e-44f, 1e-30f, 1e30f, 1e38f}) {
    Arguments a;
    a.rule = LETHE_PGD_NORMALISED;
    a.ball = LETHE_PGD_NO_BALL;
    a.x.assign(6, 0);
    a.gradient = {scale, -scale, 0, 0, 0, 0};
    check(a.run() == LETHE_OK && std::fabs(a.x[0] + 0.5f * static_cast<float>(M_SQRT1_2)) < 1e-7f && a.x[1] == -a.x[0],
          "a gradient of " + std::to_string(scale) + " has a direction");
    check(a.x[3] == 0 && a.x[5] == 0, "a gradient of 0 has none");
  }
}

void leaves_what_lies_inside_a_ball() {
  for (int ball : {LETHE_PGD_LINF_BALL, LETHE_PGD_L2_BALL}) {
    Random random(9);
    Arguments a;
    for (float& value : a.x) {
      value = static_cast<float>(random.normal());
    }
    const std::vector<float> center = {0.1f, 0.2f, 0.3f, -0.1f, -0.2f, -0.3f}, before = a.x;
    a.center = center.data();
    a.rule = LETHE_PGD_SIGN;
    a.step_size = 0;
    a.ball = ball;
    a.radius = 100;
    check(a.run() == LETHE_OK && a.x == before, "the inside of a ball keeps its bits");
    a.radius = 0;
    check(a.run() == LETHE_OK && a.x == center, "a ball without radius is its center");
  }
}

void does_not_depend_on_the_number_of_threads() {
  const int default_threads = omp_get_max_threads();
  for (int64_t size : {int64_t{70001}, int64_t{300}}) {
    const int64_t samples = size == 300 ? 300 : 3;
    Random random(11);
    const std::vector<double> start = random.tensor(samples * size, true);
    const std::vector<double> slope = random.tensor(samples * size, true);
    const std::vector<float> gradient(slope.begin(), slope.end()), center(samples * size, 0.1f);
    for (int rule : {LETHE_PGD_SIGN, LETHE_PGD_NORMALISED, LETHE_PGD_ADAM}) {
      for (int ball : {LETHE_PGD_LINF_BALL, LETHE_PGD_L2_BALL}) {
        std::vector<float> first;
        for (int threads : {1, 2, 4, 7}) {
          omp_set_num_threads(threads);
          std::vector<float> x(start.begin(), start.end()), exp_avg(x.size()), exp_avg_sq(x.size());
          const int status = lethe_pgd_step_f32(samples, size, x.data(), gradient.data(), center.data(), exp_avg.data(),
                                                exp_avg_sq.data(), 1, rule, 0.3, 0.9, 0.999, 1e-8, ball, 0.7, -5, 5);
          if (first.empty()) {
            first = x;
          }
          check(status == LETHE_OK && std::memcmp(x.data(), first.data(), x.size() * sizeof(float)) == 0,
                "the same bits with " + std::to_string(threads) + " threads");
        }
      }
    }
  }
  omp_set_num_threads(default_threads);
}

}  // namespace
}  // namespace lethe::tests

int main() {
  using namespace lethe::tests;
  check_pgd_step(lethe_cpu_isa(), {lethe_pgd_step_f32, lethe_pgd_step_bf16});
  does_not_depend_on_the_number_of_threads();
  normalises_the_smallest_and_the_largest();
  leaves_what_lies_inside_a_ball();
  passes_on_what_is_not_a_number();
  takes_what_a_rule_does_not_need_as_it_is();
  handles_empty_tensors();
  refuses_bad_arguments();
  return summary((std::string("pgd_step, ") + lethe_cpu_isa()).c_str());
}
