#include "attention_scores_cases.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "check.h"

namespace lethe::tests {
namespace {

using Exact = reference::Attention<double>;
using Plain = reference::Attention<float>;

constexpr int64_t kMaps = 3;
constexpr double kDSumOfSquares = 0.75;

template <typename Element>
class Run {
 public:
  Run(const AttentionScoresKernel<Element>& kernel, const AttentionCase& c, const AttentionProblem<Element>& problem,
      bool with_out)
      : q(c.layout, c.B, c.H, c.N, c.d),
        k(c.layout, c.B, c.H, c.T, c.d),
        v(c.layout, c.B, c.H, c.T, c.d),
        out(c.layout, c.B, c.H, c.N, c.d),
        d_out(c.layout, c.B, c.H, c.N, c.d),
        dq(c.layout, c.B, c.H, c.N, c.d),
        dk(c.layout, c.B, c.H, c.T, c.d),
        dv(c.layout, c.B, c.H, c.T, c.d),
        lse(Layout::kContiguous, c.B, c.H, c.N, 1),
        maps(Layout::kContiguous, c.B, kMaps, c.N, 1) {
    q.fill(problem.exact.q);
    k.fill(problem.exact.k);
    v.fill(problem.exact.v);
    d_out.fill(problem.d_out);
    const double scale = problem.exact.scale;
    const uint8_t* columns = problem.exact.columns.data();
    Element* v_data = with_out ? v.data() : nullptr;
    status = kernel.forward(c.B, c.H, c.N, c.T, c.d, q.data(), q.strides(), k.data(), k.strides(), v_data, v.strides(),
                            scale, columns, with_out ? out.data() : nullptr, out.strides(), lse.data(), &sum_of_squares,
                            kMaps, problem.exact.map_tokens.data(), maps.data());
    if (status == LETHE_OK) {
      status = kernel.backward(c.B, c.H, c.N, c.T, c.d, q.data(), q.strides(), k.data(), k.strides(), v_data,
                               v.strides(), scale, columns, with_out ? out.data() : nullptr, out.strides(),
                               lse.data(), with_out ? d_out.data() : nullptr, d_out.strides(), kDSumOfSquares,
                               dq.data(), dq.strides(), dk.data(), dk.strides(), with_out ? dv.data() : nullptr,
                               dv.strides());
    }
  }

  Strided<Element> q, k, v, out, d_out, dq, dk, dv;
  Strided<double> lse;
  Strided<float> maps;
  double sum_of_squares = 0;
  int status;
};

template <typename Element>
void check_case(const std::string& name, const AttentionScoresKernel<Element>& kernel, const AttentionCase& c,
                bool with_out) {
  const AttentionProblem<Element> problem(c, true, kMaps);
  Run<Element> run(kernel, c, problem, with_out);
  if (!check(run.status == LETHE_OK, name + ": " + lethe_status_string(run.status))) {
    return;
  }
  const Exact::Result exact = problem.exact.forward();
  const Plain::Result plain = problem.plain.forward();
  check_error(name + " lse", run.lse.values(), plain.lse, exact.lse);
  check_error(name + " maps", run.maps.values(), plain.maps, exact.maps);
  // One number: a plain float sum may be right by chance, so the bound is on the sum's own size.
  check(std::fabs(run.sum_of_squares - exact.sum_of_squares) <= 2e-6 * exact.sum_of_squares,
        name + " sum_of_squares: " + std::to_string(run.sum_of_squares) + ", exactly " +
            std::to_string(exact.sum_of_squares));

  const std::vector<double> d_out = with_out ? problem.d_out : std::vector<double>(problem.d_out.size());
  const Exact::Gradient gradient = problem.exact.backward(d_out, kDSumOfSquares);
  const Plain::Gradient plain_gradient = problem.plain.backward(to_float(d_out), static_cast<float>(kDSumOfSquares));
  check_error(name + " dq", run.dq.values(), plain_gradient.dq, gradient.dq);
  check_error(name + " dk", run.dk.values(), plain_gradient.dk, gradient.dk);
  if (with_out) {
    check_error(name + " out", run.out.values(), plain.out, exact.out);
    check_error(name + " dv", run.dv.values(), plain_gradient.dv, gradient.dv);
  }
  for (Strided<Element>* written : {&run.out, &run.dq, &run.dk, &run.dv}) {
    check(written->canaries_alive(), name + ": wrote beside an output");
  }
  check(run.lse.canaries_alive() && run.maps.canaries_alive(), name + ": wrote beside lse or maps");
}

}  // namespace

template <typename Element>
void check_attention_scores(const char* name, const AttentionScoresKernel<Element>& kernel, int64_t max_rows) {
  for (AttentionCase c : kAttentionScoresCases) {
    c.N = std::min(c.N, max_rows);
    for (bool with_out : {true, false}) {
      check_case(std::string(name) + " " + kElementName<Element> + " " + c.name() + (with_out ? "" : " scores only"),
                 kernel, c, with_out);
    }
  }
}

template void check_attention_scores(const char*, const AttentionScoresKernel<float>&, int64_t);
template void check_attention_scores(const char*, const AttentionScoresKernel<lethe_bf16>&, int64_t);

}  // namespace lethe::tests
