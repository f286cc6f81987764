// attention_scores in plain loops; all tensors contiguous. In double it is what the kernels are compared with; in float
// it says how much of their error is the price of float itself.
#ifndef LETHE_REFERENCE_ATTENTION_SCORES_H_
#define LETHE_REFERENCE_ATTENTION_SCORES_H_

#include <cstdint>
#include <vector>

namespace lethe::reference {

template <typename Real>
struct AttentionScores {
  int64_t B, H, N, T, d;
  Real scale;
  std::vector<Real> q;           // [B, H, N, d]
  std::vector<Real> k, v;        // [B, H, T, d]
  std::vector<uint8_t> columns;  // [B, T]

  struct Result {
    std::vector<Real> out;  // [B, H, N, d]
    std::vector<Real> lse;  // [B, H, N]
    Real sum_of_squares = 0;
  };
  Result forward() const;

  struct Gradient {
    std::vector<Real> dq, dk, dv;
  };
  Gradient backward(const std::vector<Real>& d_out, Real d_sum_of_squares) const;

 private:
  // The probabilities of a row into `row`; returns their log-sum-exp.
  Real softmax_row(const Real* q_row, const Real* head_k, std::vector<Real>& row) const;
};

extern template struct AttentionScores<double>;
extern template struct AttentionScores<float>;

}  // namespace lethe::reference

#endif  // LETHE_REFERENCE_ATTENTION_SCORES_H_
