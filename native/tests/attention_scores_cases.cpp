#include "attention_scores_cases.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "check.h"
#include "random.h"
#include "reference/attention_scores.h"

namespace lethe::tests {
namespace {

using Exact = reference::AttentionScores<double>;
using Plain = reference::AttentionScores<float>;

std::vector<float> to_float(const std::vector<double>& values) { return {values.begin(), values.end()}; }

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

struct Problem {
  Exact exact;
  Plain plain;
  std::vector<double> d_out;
  double d_sum_of_squares = 0.75;

  explicit Problem(const AttentionScoresCase& c) {
    Random random(static_cast<uint64_t>(c.B + 31 * (c.H + 31 * (c.N + 31 * (c.T + 31 * c.d)))));
    exact = {c.B,
             c.H,
             c.N,
             c.T,
             c.d,
             static_cast<float>(1 / std::sqrt(c.d)),
             random.tensor(c.B * c.H * c.N * c.d, c.outliers),
             random.tensor(c.B * c.H * c.T * c.d, c.outliers),
             random.tensor(c.B * c.H * c.T * c.d, false),
             std::vector<uint8_t>(c.B * c.T)};
    for (uint8_t& chosen : exact.columns) {
      chosen = random.uniform() < 0.3 ? 1 : 0;
    }
    exact.columns[0] = 255;  // any number but 0 chooses
    d_out = random.tensor(c.B * c.H * c.N * c.d, c.outliers);
    plain = {c.B,
             c.H,
             c.N,
             c.T,
             c.d,
             static_cast<float>(exact.scale),
             to_float(exact.q),
             to_float(exact.k),
             to_float(exact.v),
             exact.columns};
  }
};

class Run {
 public:
  Run(const AttentionScoresKernel& kernel, const AttentionScoresCase& c, const Problem& problem, bool with_out)
      : q(c.layout, c.B, c.H, c.N, c.d),
        k(c.layout, c.B, c.H, c.T, c.d),
        v(c.layout, c.B, c.H, c.T, c.d),
        out(c.layout, c.B, c.H, c.N, c.d),
        lse(Layout::kContiguous, c.B, c.H, c.N, 1),
        d_out(c.layout, c.B, c.H, c.N, c.d),
        dq(c.layout, c.B, c.H, c.N, c.d),
        dk(c.layout, c.B, c.H, c.T, c.d),
        dv(c.layout, c.B, c.H, c.T, c.d) {
    q.fill(problem.exact.q);
    k.fill(problem.exact.k);
    v.fill(problem.exact.v);
    d_out.fill(problem.d_out);
    const double scale = problem.exact.scale;
    const uint8_t* columns = problem.exact.columns.data();
    float* v_data = with_out ? v.data() : nullptr;
    status =
        kernel.forward(c.B, c.H, c.N, c.T, c.d, q.data(), q.strides(), k.data(), k.strides(), v_data, v.strides(),
                       scale, columns, with_out ? out.data() : nullptr, out.strides(), lse.data(), &sum_of_squares);
    if (status == LETHE_OK) {
      status = kernel.backward(c.B, c.H, c.N, c.T, c.d, q.data(), q.strides(), k.data(), k.strides(), v_data,
                               v.strides(), scale, columns, lse.data(), with_out ? d_out.data() : nullptr,
                               d_out.strides(), problem.d_sum_of_squares, dq.data(), dq.strides(), dk.data(),
                               dk.strides(), with_out ? dv.data() : nullptr, dv.strides());
    }
  }

  Strided q, k, v, out, lse, d_out, dq, dk, dv;
  double sum_of_squares = 0;
  int status;
};

void check_case(const std::string& name, const AttentionScoresKernel& kernel, const AttentionScoresCase& c,
                bool with_out) {
  const Problem problem(c);
  Run run(kernel, c, problem, with_out);
  if (!check(run.status == LETHE_OK, name + ": " + lethe_status_string(run.status))) {
    return;
  }
  const Exact::Result exact = problem.exact.forward();
  const Plain::Result plain = problem.plain.forward();
  check_error(name + " lse", run.lse.values(), plain.lse, exact.lse);
  // One number: a plain float sum may be right by chance, so the bound is on the sum's own size.
  check(std::fabs(run.sum_of_squares - exact.sum_of_squares) <= 2e-6 * exact.sum_of_squares,
        name + " sum_of_squares: " + std::to_string(run.sum_of_squares) + ", exactly " +
            std::to_string(exact.sum_of_squares));

  const std::vector<double> d_out = with_out ? problem.d_out : std::vector<double>(problem.d_out.size());
  const Exact::Gradient gradient = problem.exact.backward(d_out, problem.d_sum_of_squares);
  const Plain::Gradient plain_gradient =
      problem.plain.backward(to_float(d_out), static_cast<float>(problem.d_sum_of_squares));
  check_error(name + " dq", run.dq.values(), plain_gradient.dq, gradient.dq);
  check_error(name + " dk", run.dk.values(), plain_gradient.dk, gradient.dk);
  if (with_out) {
    check_error(name + " out", run.out.values(), plain.out, exact.out);
    check_error(name + " dv", run.dv.values(), plain_gradient.dv, gradient.dv);
  }
  for (Strided* written : {&run.out, &run.lse, &run.dq, &run.dk, &run.dv}) {
    check(written->canaries_alive(), name + ": wrote beside an output");
  }
}

}  // namespace

void check_attention_scores(const char* name, const AttentionScoresKernel& kernel, int64_t max_rows) {
  for (AttentionScoresCase c : kAttentionScoresCases) {
    c.N = std::min(c.N, max_rows);
    for (bool with_out : {true, false}) {
      check_case(std::string(name) + " B" + std::to_string(c.B) + " H" + std::to_string(c.H) + " N" +
                     std::to_string(c.N) + " T" + std::to_string(c.T) + " d" + std::to_string(c.d) +
                     (with_out ? "" : " scores only"),
                 kernel, c, with_out);
    }
  }
}

}  // namespace lethe::tests
