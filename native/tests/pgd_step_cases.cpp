#include "pgd_step_cases.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "check.h"
#include "random.h"
#include "reference/pgd_step.h"
#include "strided.h"

namespace lethe::tests {
namespace {

using Exact = reference::PgdStep<double>;
using Plain = reference::PgdStep<float>;

constexpr int kSteps = 3;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr const char* kRuleNames[] = {"sign", "normalised", "adam", "sign adam"};
constexpr const char* kBallNames[] = {"no ball", "L-infinity ball", "L2 ball"};

std::vector<float> to_float(const std::vector<double>& values) { return {values.begin(), values.end()}; }

lethe_bf16 upper_half(double value) {
  const float narrow = static_cast<float>(value);
  uint32_t bits;
  std::memcpy(&bits, &narrow, sizeof(bits));
  return static_cast<lethe_bf16>(bits >> 16);
}

double widened(lethe_bf16 bf16) {
  const uint32_t bits = static_cast<uint32_t>(bf16) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

template <typename Real>
double distance(const std::vector<Real>& values, const std::vector<double>& exact) {
  double sum = 0;
  for (size_t i = 0; i < exact.size(); i++) {
    sum += std::pow(values[i] - exact[i], 2);
  }
  return std::sqrt(sum);
}

// A kernel's error may be twice that of plain float loops, and a few roundings of the result where those are exact.
void check_error(const std::string& what, const std::vector<float>& ours, const std::vector<float>& plain,
                 const std::vector<double>& exact) {
  const double error = distance(ours, exact);
  const double allowed = 2 * distance(plain, exact) + 4e-7 * distance(std::vector<double>(exact.size()), exact) + 1e-30;
  check(error <= allowed, what + ": error " + std::to_string(error) + ", allowed " + std::to_string(allowed));
}

struct Case {
  PgdStepShape shape;
  lethe_pgd_rule rule;
  lethe_pgd_ball ball;
  bool bounded, bf16;

  std::string name() const {
    return std::to_string(shape.samples) + " x " + std::to_string(shape.size) + ", " + kRuleNames[rule] + ", " +
           kBallNames[ball] + (bounded ? ", bounded" : "") + (bf16 ? ", bf16" : "");
  }
};

// Steps are as long as x itself, so that an error in them shows in x.
Exact problem(const Case& c, Random& random) {
  const PgdStepShape& shape = c.shape;
  const int64_t elements = shape.samples * shape.size;
  Exact exact{shape.samples,
              shape.size,
              c.rule,
              // of the whole sample, or of an element
              c.rule == LETHE_PGD_NORMALISED ? static_cast<float>(std::sqrt(static_cast<double>(shape.size))) : 0.75,
              0.9,
              0.999,
              1e-8,
              c.ball,
              c.ball == LETHE_PGD_L2_BALL ? static_cast<float>(std::sqrt(static_cast<double>(shape.size))) : 0.5,
              c.bounded ? -1.25 : -kInfinity,
              c.bounded ? 1.5 : kInfinity,
              random.tensor(elements, false),
              random.tensor(elements, false),
              std::vector<double>(elements),
              std::vector<double>(elements)};
  // The first sample begins inside of the ball, near its center.
  for (int64_t i = 0; i < shape.size; i++) {
    exact.x[i] = static_cast<float>(exact.center[i] + 0.01 * exact.x[i]);
  }
  return exact;
}

Plain in_float(const Exact& a) {
  return {a.samples,
          a.size,
          a.rule,
          static_cast<float>(a.step_size),
          static_cast<float>(a.beta1),
          static_cast<float>(a.beta2),
          static_cast<float>(a.eps),
          a.ball,
          static_cast<float>(a.radius),
          static_cast<float>(a.lowest),
          static_cast<float>(a.highest),
          to_float(a.x),
          to_float(a.center),
          to_float(a.exp_avg),
          to_float(a.exp_avg_sq)};
}

// Some elements are 0, where a sign is.
std::vector<double> random_gradient(const Case& c, Random& random) {
  std::vector<double> gradient = random.tensor(c.shape.samples * c.shape.size, c.shape.outliers);
  for (double& g : gradient) {
    g = random.uniform() < 0.05 ? 0 : (c.bf16 ? widened(upper_half(g)) : g);
  }
  return gradient;
}

void check_case(const std::string& name, const PgdStepKernel& kernel, const Case& c) {
  Random random(static_cast<uint64_t>(c.shape.samples * 131 + c.shape.size));
  Exact exact = problem(c, random);
  Plain plain = in_float(exact);
  const auto tensor = [&] { return Strided<float>(Layout::kContiguous, 1, 1, c.shape.samples, c.shape.size); };
  Strided<float> x = tensor(), exp_avg = tensor(), exp_avg_sq = tensor();
  x.fill(exact.x);
  exp_avg.fill(exact.exp_avg);
  exp_avg_sq.fill(exact.exp_avg_sq);
  const std::vector<float> center = to_float(exact.center);
  const bool adam = c.rule == LETHE_PGD_ADAM || c.rule == LETHE_PGD_SIGN_ADAM;

  for (int64_t step = 1; step <= kSteps; step++) {
    const std::vector<double> gradient = random_gradient(c, random);
    exact.step(gradient);
    plain.step(to_float(gradient));
    const auto run = [&](auto function, const auto& typed_gradient) {
      return function(c.shape.samples, c.shape.size, x.data(), typed_gradient.data(),
                      c.ball == LETHE_PGD_NO_BALL ? nullptr : center.data(), adam ? exp_avg.data() : nullptr,
                      adam ? exp_avg_sq.data() : nullptr, step, c.rule, exact.step_size, exact.beta1, exact.beta2,
                      exact.eps, c.ball, exact.radius, exact.lowest, exact.highest);
    };
    int status;
    if (c.bf16) {
      std::vector<lethe_bf16> halves(gradient.size());
      std::transform(gradient.begin(), gradient.end(), halves.begin(), upper_half);
      status = run(kernel.bf16, halves);
    } else {
      status = run(kernel.f32, to_float(gradient));
    }
    if (!check(status == LETHE_OK, name + ": " + lethe_status_string(status))) {
      return;
    }
  }
  check_error(name + " x", x.values(), plain.x, exact.x);
  check_error(name + " exp_avg", exp_avg.values(), plain.exp_avg, exact.exp_avg);
  check_error(name + " exp_avg_sq", exp_avg_sq.values(), plain.exp_avg_sq, exact.exp_avg_sq);
  for (Strided<float>* written : {&x, &exp_avg, &exp_avg_sq}) {
    check(written->canaries_alive(), name + ": wrote beside an output");
  }
}

}  // namespace

void check_pgd_step(const char* name, const PgdStepKernel& kernel, int64_t max_size) {
  for (PgdStepShape shape : kPgdStepShapes) {
    shape.size = std::min(shape.size, max_size);
    for (lethe_pgd_rule rule : {LETHE_PGD_SIGN, LETHE_PGD_NORMALISED, LETHE_PGD_ADAM, LETHE_PGD_SIGN_ADAM}) {
      for (lethe_pgd_ball ball : {LETHE_PGD_NO_BALL, LETHE_PGD_LINF_BALL, LETHE_PGD_L2_BALL}) {
        for (bool bounded : {false, true}) {
          for (bool bf16 : {false, true}) {
            const Case c{shape, rule, ball, bounded, bf16};
            check_case(std::string(name) + " " + c.name(), kernel, c);
          }
        }
      }
    }
  }
}

}  // namespace lethe::tests
