#include "flash_attention_cases.h"

#include <algorithm>
#include <string>

#include "check.h"

namespace lethe::tests {
namespace {

using Exact = reference::Attention<double>;
using Plain = reference::Attention<float>;

template <typename Element>
class Run {
 public:
  Run(const FlashAttentionKernel<Element>& kernel, const AttentionCase& c, const AttentionProblem<Element>& problem)
      : q(c.layout, c.B, c.H, c.N, c.d),
        k(c.layout, c.B, c.H, c.T, c.d),
        v(c.layout, c.B, c.H, c.T, c.d),
        out(c.layout, c.B, c.H, c.N, c.d),
        d_out(c.layout, c.B, c.H, c.N, c.d),
        dq(c.layout, c.B, c.H, c.N, c.d),
        dk(c.layout, c.B, c.H, c.T, c.d),
        dv(c.layout, c.B, c.H, c.T, c.d),
        lse(Layout::kContiguous, c.B, c.H, c.N, 1) {
    q.fill(problem.exact.q);
    k.fill(problem.exact.k);
    v.fill(problem.exact.v);
    d_out.fill(problem.d_out);
    const double scale = problem.exact.scale;
    status = kernel.forward(c.B, c.H, c.N, c.T, c.d, q.data(), q.strides(), k.data(), k.strides(), v.data(),
                            v.strides(), scale, c.causal, out.data(), out.strides(), lse.data());
    if (status == LETHE_OK) {
      status = kernel.backward(c.B, c.H, c.N, c.T, c.d, q.data(), q.strides(), k.data(), k.strides(), v.data(),
                               v.strides(), scale, c.causal, out.data(), out.strides(), lse.data(), d_out.data(),
                               d_out.strides(), dq.data(), dq.strides(), dk.data(), dk.strides(), dv.data(),
                               dv.strides());
    }
  }

  Strided<Element> q, k, v, out, d_out, dq, dk, dv;
  Strided<double> lse;
  int status;
};

template <typename Element>
void check_case(const std::string& name, const FlashAttentionKernel<Element>& kernel, const AttentionCase& c) {
  const AttentionProblem<Element> problem(c, false, 0);
  Run<Element> run(kernel, c, problem);
  if (!check(run.status == LETHE_OK, name + ": " + lethe_status_string(run.status))) {
    return;
  }
  const Exact::Result exact = problem.exact.forward();
  const Plain::Result plain = problem.plain.forward();
  check_error(name + " lse", run.lse.values(), plain.lse, exact.lse);
  check_error(name + " out", run.out.values(), plain.out, exact.out);

  const Exact::Gradient gradient = problem.exact.backward(problem.d_out, 0);
  const Plain::Gradient plain_gradient = problem.plain.backward(to_float(problem.d_out), 0, plain.out);
  check_error(name + " dq", run.dq.values(), plain_gradient.dq, gradient.dq, gradient.dq_terms);
  check_error(name + " dk", run.dk.values(), plain_gradient.dk, gradient.dk, gradient.dk_terms);
  check_error(name + " dv", run.dv.values(), plain_gradient.dv, gradient.dv);
  for (Strided<Element>* written : {&run.out, &run.dq, &run.dk, &run.dv}) {
    check(written->canaries_alive(), name + ": wrote beside an output");
  }
  check(run.lse.canaries_alive(), name + ": wrote beside lse");
}

}  // namespace

template <typename Element>
void check_flash_attention(const char* name, const FlashAttentionKernel<Element>& kernel, int64_t max_rows) {
  for (AttentionCase c : kFlashAttentionCases) {
    c.N = std::min(c.N, max_rows);
    c.T = std::min(c.T, max_rows);
    check_case(std::string(name) + " " + kElementName<Element> + " " + c.name(), kernel, c);
  }
}

template void check_flash_attention(const char*, const FlashAttentionKernel<float>&, int64_t);
template void check_flash_attention(const char*, const FlashAttentionKernel<lethe_bf16>&, int64_t);

}  // namespace lethe::tests
