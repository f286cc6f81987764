#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "check.h"
#include "lethe_kernels.h"
#include "random.h"
#include "reference/pgd_step.h"

namespace lethe::tests {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A loop over a C++ function; the tests set what they are about.
struct Loop {
  int64_t samples = 1, size = 3, steps = 4;
  std::vector<float> start = {0, 0, 0};
  const float* center = nullptr;
  int rule = LETHE_PGD_SIGN, ball = LETHE_PGD_NO_BALL, accumulate = 0;
  double step_size = 1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, radius = 1, lowest = -kInfinity, highest = kInfinity;
  double tolerance = -1;
  std::function<int(int64_t step, const float* x, float* g, double* loss)> evaluate;
  volatile int cancel = 0;

  std::vector<float> x, gradient, best;
  std::vector<double> losses, norms;
  std::vector<int64_t> nanoseconds;
  int64_t recorded = -7, best_step = -7;
  int stop = -7;

  int run() {
    x = start;
    gradient.assign(start.size(), NAN);
    best.assign(start.size(), NAN);
    losses.assign(steps > 0 ? steps : 0, -7);
    norms = losses;
    nanoseconds.assign(losses.size(), -7);
    return run(x.data(), gradient.data(), best.data(), losses.data(), norms.data(), nanoseconds.data(), &recorded,
               &best_step, &stop, call);
  }

  int run(float* x_data, float* gradient_data, float* best_data, double* loss_data, double* norm_data,
          int64_t* nanosecond_data, int64_t* recorded_data, int64_t* best_step_data, int* stop_data,
          lethe_pgd_callback callback) {
    return lethe_pgd_loop_f32(samples, size, x_data, center, gradient_data, best_data, rule, step_size, beta1, beta2,
                              eps, ball, radius, lowest, highest, steps, tolerance, accumulate, callback, this, &cancel,
                              loss_data, norm_data, nanosecond_data, recorded_data, best_step_data, stop_data);
  }

  static int call(void* context, int64_t step, const float* x, float* gradient, double* loss) {
    return static_cast<Loop*>(context)->evaluate(step, x, gradient, loss);
  }

  // Losses of a table, and the same slope everywhere.
  void follow(std::vector<double> table, float slope = -1) {
    evaluate = [this, table, slope](int64_t step, const float*, float* g, double* loss) {
      std::fill(g, g + size, slope);
      *loss = table[step];
      return 0;
    };
  }
};

// Half the squared distance from `target`.
void approach(Loop& loop, const std::vector<float>& target) {
  loop.evaluate = [target](int64_t, const float* x, float* g, double* loss) {
    *loss = 0;
    for (size_t i = 0; i < target.size(); i++) {
      g[i] = x[i] - target[i];
      *loss += 0.5 * static_cast<double>(g[i]) * static_cast<double>(g[i]);
    }
    return 0;
  };
}

void matches_the_reference() {
  for (int64_t size : {int64_t{1}, int64_t{769}, int64_t{5000}}) {
    for (lethe_pgd_rule rule : {LETHE_PGD_SIGN, LETHE_PGD_NORMALISED, LETHE_PGD_ADAM, LETHE_PGD_SIGN_ADAM}) {
      for (lethe_pgd_ball ball : {LETHE_PGD_NO_BALL, LETHE_PGD_LINF_BALL, LETHE_PGD_L2_BALL}) {
        for (int accumulate : {0, 1}) {
          constexpr int64_t kSamples = 2, kSteps = 30;
          const std::string name = std::to_string(size) + ", rule " + std::to_string(rule) + ", ball " +
                                   std::to_string(ball) + (accumulate ? ", accumulated" : "");
          Random random(static_cast<uint64_t>(size));
          const std::vector<double> start = random.tensor(kSamples * size, false);
          std::vector<double> gradients[kSteps];
          for (std::vector<double>& gradient : gradients) {
            gradient = random.tensor(kSamples * size, true);
          }
          Loop loop;
          loop.samples = kSamples;
          loop.size = size;
          loop.steps = kSteps;
          loop.start.assign(start.begin(), start.end());
          loop.rule = rule;
          loop.ball = ball;
          loop.accumulate = accumulate;
          loop.step_size = 0.25;
          loop.radius = 2;
          loop.lowest = -1.5;
          loop.highest = 2;
          loop.evaluate = [&](int64_t step, const float*, float* g, double* loss) {
            std::copy(gradients[step].begin(), gradients[step].end(), g);
            *loss = -static_cast<double>(step);
            return 0;
          };
          if (!check(loop.run() == LETHE_OK && loop.recorded == kSteps, name + ": runs")) {
            continue;
          }
          reference::PgdStep<double> exact{kSamples, size, rule, 0.25, 0.9, 0.999, 1e-8, ball, 2, -1.5, 2, start, start,
                                           std::vector<double>(start.size()), std::vector<double>(start.size())};
          std::vector<double> sum(start.size());
          double worst_norm = 0;
          for (int64_t step = 0; step < kSteps; step++) {
            double squares = 0;
            for (size_t i = 0; i < sum.size(); i++) {
              squares += gradients[step][i] * gradients[step][i];
              sum[i] = static_cast<float>(sum[i] + gradients[step][i]);  // signs are those of the float sum
              if (rule == LETHE_PGD_SIGN_ADAM) {
                sum[i] = sum[i] > 0 ? 1 : (sum[i] < 0 ? -1 : 0);
              }
            }
            worst_norm = std::max(worst_norm, std::fabs(loop.norms[step] / std::sqrt(squares) - 1));
            exact.step(accumulate ? sum : gradients[step]);
            if (step == kSteps - 2) {
              double error = 0;
              for (size_t i = 0; i < sum.size(); i++) {
                error = std::max(error, std::fabs(static_cast<double>(loop.best[i]) - exact.x[i]));
              }
              check(error < 2e-5, name + ": best x is off by " + std::to_string(error));
            }
          }
          double error = 0;
          for (size_t i = 0; i < sum.size(); i++) {
            error = std::max(error, std::fabs(static_cast<double>(loop.x[i]) - exact.x[i]));
          }
          check(error < 2e-5, name + ": x is off by " + std::to_string(error));
          check(worst_norm < 1e-12, name + ": norms are off by " + std::to_string(worst_norm));
          check(loop.best_step == kSteps - 1, name + ": the last is the best");
        }
      }
    }
  }
}

void keeps_the_best_and_reports() {
  Loop loop;
  loop.follow({3, 1, 2, 1});
  check(loop.run() == LETHE_OK && loop.stop == LETHE_PGD_STEPS && loop.recorded == 4, "all steps");
  check(loop.best_step == 1 && loop.best[2] == 1 && loop.x[2] == 4, "the first of the best is kept");
  check(loop.losses == std::vector<double>({3, 1, 2, 1}), "losses are recorded");
  check(std::fabs(loop.norms[3] - std::sqrt(3)) < 1e-15, "norms are recorded");
  check(*std::min_element(loop.nanoseconds.begin(), loop.nanoseconds.end()) >= 0, "times are recorded");

  loop.x = loop.start;
  check(loop.run(loop.x.data(), loop.gradient.data(), loop.best.data(), nullptr, nullptr, nullptr, &loop.recorded,
                 &loop.best_step, &loop.stop, Loop::call) == LETHE_OK &&
            loop.best_step == 1 && loop.x[0] == 4,
        "nobody has to want records");

  loop.steps = 0;
  check(loop.run() == LETHE_OK && loop.recorded == 0 && loop.best_step == -1 && loop.best == loop.start,
        "without steps the start is the best");
  loop.steps = 4;
  loop.size = 0;
  loop.start.clear();
  check(loop.run() == LETHE_OK && loop.recorded == 4 && loop.best_step == 1 && loop.norms[0] == 0,
        "an empty x has losses, too");
}

void balls_are_around_the_start_or_a_center() {
  for (int ball : {LETHE_PGD_LINF_BALL, LETHE_PGD_L2_BALL}) {
    Loop loop;
    loop.steps = 9;
    loop.ball = ball;
    loop.start = {5, 5, 5};
    approach(loop, {100, 100, 100});
    const float reach = ball == LETHE_PGD_LINF_BALL ? 1.0f : 1 / std::sqrt(3.0f);
    check(loop.run() == LETHE_OK && std::fabs(loop.x[1] - (5 + reach)) < 1e-6f, "around the start");
    const std::vector<float> center = {7, 7, 7};
    loop.center = center.data();
    check(loop.run() == LETHE_OK && std::fabs(loop.x[1] - (7 + reach)) < 1e-6f, "around a center");
  }
}

void stops() {
  Loop loop;
  loop.follow({4, 2, 1.75, 1, 0, 0});
  loop.steps = 6;
  loop.tolerance = 0.5;
  check(loop.run() == LETHE_OK && loop.stop == LETHE_PGD_TOLERANCE && loop.recorded == 3 && loop.x[0] == 2 &&
            loop.best_step == 2 && loop.best[0] == 2,
        "on tolerance, without a move, and keeps an iterate that is the best");
  loop.follow({4, 4, 0, 0, 0, 0});
  loop.tolerance = 0;
  check(loop.run() == LETHE_OK && loop.recorded == 2, "a tolerance of 0 stops on equal losses");
  loop.tolerance = -1;
  check(loop.run() == LETHE_OK && loop.recorded == 6 && loop.stop == LETHE_PGD_STEPS, "a negative one never");

  for (double bad : {kNaN, kInfinity, -kInfinity}) {
    loop.follow({3, 1, bad, 0, 0, 0});
    check(loop.run() == LETHE_OK && loop.stop == LETHE_PGD_NOT_FINITE && loop.recorded == 3, "on a loss that is none");
    check(loop.best_step == 1 && loop.best[0] == 1 && loop.x[0] == 2, "which moves nothing and is not the best");
    loop.follow({3, 1, 2, 1, 1, 1}, static_cast<float>(bad));
    check(loop.run() == LETHE_OK && loop.stop == LETHE_PGD_NOT_FINITE && loop.recorded == 1 && loop.best_step == -1 &&
              loop.x == loop.start && loop.best == loop.start,
          "on a gradient that is none");
  }

  loop.follow({3, 1, 2, 1, 1, 1});
  const auto table = loop.evaluate;
  loop.evaluate = [&](int64_t step, const float* x, float* g, double* loss) {
    table(step, x, g, loss);
    return step == 2 ? -1 : 0;
  };
  check(loop.run() == LETHE_OK && loop.stop == LETHE_PGD_CANCELLED && loop.recorded == 2 && loop.x[0] == 2,
        "on the callback's word");
  loop.evaluate = [&](int64_t step, const float* x, float* g, double* loss) {
    loop.cancel = step == 3;
    return table(step, x, g, loss);
  };
  check(loop.run() == LETHE_OK && loop.stop == LETHE_PGD_CANCELLED && loop.recorded == 4 && loop.x[0] == 4,
        "on the flag, after the step that saw it raised");
  check(loop.run() == LETHE_OK && loop.recorded == 0 && loop.best == loop.start, "on a flag that is up already");
}

// What a callback may throw passes through; the loop's memory is freed (the address sanitizer would see it).
void lets_exceptions_through() {
  Loop loop;
  loop.rule = LETHE_PGD_ADAM;
  loop.evaluate = [](int64_t, const float*, float*, double*) -> int { throw 42; };
  bool caught = false;
  try {
    loop.run();
  } catch (int) {
    caught = true;
  }
  check(caught, "exceptions come through");
}

template <typename Spoil>
void refuses(const char* what, int status, Spoil spoil) {
  Loop loop;
  loop.follow({1, 1, 1, 1});
  loop.rule = LETHE_PGD_ADAM;
  loop.accumulate = 1;
  spoil(loop);
  check(loop.run() == status, std::string("refuses ") + what);
}

void refuses_bad_arguments() {
  refuses("nothing of this", LETHE_OK, [](Loop&) {});
  refuses("negative steps", LETHE_BAD_ARGUMENT, [](Loop& a) { a.steps = -1; });
  refuses("a NaN tolerance", LETHE_BAD_ARGUMENT, [](Loop& a) { a.tolerance = kNaN; });
  refuses("a negative size", LETHE_BAD_ARGUMENT, [](Loop& a) { a.size = -1; });
  refuses("an unknown rule", LETHE_BAD_ARGUMENT, [](Loop& a) { a.rule = 9; });
  refuses("a NaN radius", LETHE_BAD_ARGUMENT, [](Loop& a) { a.ball = LETHE_PGD_L2_BALL, a.radius = kNaN; });
  refuses("a NaN step size", LETHE_BAD_ARGUMENT, [](Loop& a) { a.step_size = kNaN; });
  refuses("huge sizes", LETHE_TOO_LARGE, [](Loop& a) { a.size = INT64_MAX; });
  refuses("more memory than there is", LETHE_OUT_OF_MEMORY, [](Loop& a) { a.size = int64_t{1} << 50; });

  Loop good;
  good.follow({1, 1, 1, 1});
  float x[3] = {}, g[3] = {}, best[3] = {};
  int64_t recorded, best_step;
  int stop;
  const auto run = [&](float* x_data, float* g_data, float* best_data, int64_t* recorded_data, int64_t* best_step_data,
                       int* stop_data, lethe_pgd_callback callback) {
    return good.run(x_data, g_data, best_data, nullptr, nullptr, nullptr, recorded_data, best_step_data, stop_data,
                    callback);
  };
  check(run(nullptr, g, best, &recorded, &best_step, &stop, Loop::call) == LETHE_BAD_ARGUMENT, "needs x");
  check(run(x, nullptr, best, &recorded, &best_step, &stop, Loop::call) == LETHE_BAD_ARGUMENT, "needs gradient");
  check(run(x, g, nullptr, &recorded, &best_step, &stop, Loop::call) == LETHE_BAD_ARGUMENT, "needs best");
  check(run(x, g, best, nullptr, &best_step, &stop, Loop::call) == LETHE_BAD_ARGUMENT, "needs recorded");
  check(run(x, g, best, &recorded, nullptr, &stop, Loop::call) == LETHE_BAD_ARGUMENT, "needs best_step");
  check(run(x, g, best, &recorded, &best_step, nullptr, Loop::call) == LETHE_BAD_ARGUMENT, "needs stop");
  check(run(x, g, best, &recorded, &best_step, &stop, nullptr) == LETHE_BAD_ARGUMENT, "needs a callback");
}

void does_not_depend_on_the_number_of_threads() {
  const int default_threads = omp_get_max_threads();
  std::vector<float> first;
  std::vector<double> first_norms;
  for (int threads : {1, 2, 4}) {
    omp_set_num_threads(threads);
    Random random(4);
    const std::vector<double> start = random.tensor(100001, true);
    Loop loop;
    loop.size = 100001;
    loop.start.assign(start.begin(), start.end());
    loop.rule = LETHE_PGD_NORMALISED;
    loop.ball = LETHE_PGD_L2_BALL;
    loop.radius = 20;
    loop.step_size = 10;
    approach(loop, std::vector<float>(100001, 0.5f));
    check(loop.run() == LETHE_OK, "runs");
    if (first.empty()) {
      first = loop.x;
      first_norms = loop.norms;
    }
    check(std::memcmp(loop.x.data(), first.data(), first.size() * sizeof(float)) == 0 && loop.norms == first_norms,
          "the same bits with " + std::to_string(threads) + " threads");
  }
  omp_set_num_threads(default_threads);
}

}  // namespace
}  // namespace lethe::tests

int main() {
  using namespace lethe::tests;
  matches_the_reference();
  keeps_the_best_and_reports();
  balls_are_around_the_start_or_a_center();
  stops();
  lets_exceptions_through();
  does_not_depend_on_the_number_of_threads();
  refuses_bad_arguments();
  return summary((std::string("pgd_loop, ") + lethe_cpu_isa()).c_str());
}
