#include "attention_problem.h"

#include <cmath>

#include "check.h"
#include "random.h"

namespace lethe::tests {
namespace {

template <typename Real>
double distance(const std::vector<Real>& values, const std::vector<double>& exact) {
  double sum = 0;
  for (size_t i = 0; i < exact.size(); i++) {
    sum += std::pow(values[i] - exact[i], 2);
  }
  return std::sqrt(sum);
}

}  // namespace

std::string AttentionCase::name() const {
  return "B" + std::to_string(B) + " H" + std::to_string(H) + " N" + std::to_string(N) + " T" + std::to_string(T) +
         " d" + std::to_string(d) + (causal ? " causal" : "");
}

template <typename Element>
AttentionProblem<Element>::AttentionProblem(const AttentionCase& c, bool with_columns, int64_t map_count) {
  Random random(static_cast<uint64_t>(c.B + 31 * (c.H + 31 * (c.N + 31 * (c.T + 31 * c.d)))));
  const float scale = static_cast<float>(1 / std::sqrt(c.d));
  exact = {c.B,
           c.H,
           c.N,
           c.T,
           c.d,
           scale,
           c.causal,
           reference::Rounding::kNone,
           random.tensor<Element>(c.B * c.H * c.N * c.d, c.outliers),
           random.tensor<Element>(c.B * c.H * c.T * c.d, c.outliers),
           random.tensor<Element>(c.B * c.H * c.T * c.d, false),
           {},
           {}};
  if (with_columns) {
    exact.columns.resize(c.B * c.T);
    for (uint8_t& chosen : exact.columns) {
      chosen = random.uniform() < 0.3 ? 1 : 0;
    }
    exact.columns[0] = 255;  // any number but 0 chooses
  }
  for (int64_t m = 0; m < map_count; m++) {
    exact.map_tokens.push_back(static_cast<int64_t>(random.uniform() * static_cast<double>(c.T)));
  }
  d_out = random.tensor<Element>(c.B * c.H * c.N * c.d, c.outliers);
  plain = {c.B,
           c.H,
           c.N,
           c.T,
           c.d,
           scale,
           c.causal,
           kIsBf16<Element> ? reference::Rounding::kBf16 : reference::Rounding::kNone,
           to_float(exact.q),
           to_float(exact.k),
           to_float(exact.v),
           exact.columns,
           exact.map_tokens};
}

std::vector<float> to_float(const std::vector<double>& values) { return {values.begin(), values.end()}; }

double norm(const std::vector<double>& values) { return distance(values, std::vector<double>(values.size())); }

void check_error(const std::string& what, const std::vector<float>& ours, const std::vector<float>& plain,
                 const std::vector<double>& exact, double terms) {
  const double error = distance(ours, exact);
  const double allowed = 2 * distance(plain, exact) + 4e-7 * terms + 1e-30;
  check(error <= allowed, what + ": error " + std::to_string(error) + ", allowed " + std::to_string(allowed));
}

void check_error(const std::string& what, const std::vector<float>& ours, const std::vector<float>& plain,
                 const std::vector<double>& exact) {
  check_error(what, ours, plain, exact, norm(exact));
}

template struct AttentionProblem<float>;
template struct AttentionProblem<lethe_bf16>;

}  // namespace lethe::tests
