// flash_attention and attention_scores in plain loops; all tensors contiguous. In double it is what the kernels are
// compared with; in float, with or without bfloat16's roundings, it says how much of their error is the price of the
// element type itself.
#ifndef LETHE_REFERENCE_ATTENTION_H_
#define LETHE_REFERENCE_ATTENTION_H_

#include <cstdint>
#include <vector>

namespace lethe::reference {

enum class Rounding {
  kNone,
  kBf16,  // of P and dS before they enter a product, and of out, dq, dk and dv; sums stay in Real
};

template <typename Real>
struct Attention {
  int64_t B, H, N, T, d;
  Real scale;
  bool causal;
  Rounding rounding;
  std::vector<Real> q;              // [B, H, N, d]
  std::vector<Real> k, v;           // [B, H, T, d]
  std::vector<uint8_t> columns;     // [B, T], or empty: none is chosen
  std::vector<int64_t> map_tokens;  // [map_count]

  struct Result {
    std::vector<Real> out;  // [B, H, N, d]
    std::vector<Real> lse;  // [B, H, N]
    Real sum_of_squares = 0;
    std::vector<Real> maps;  // [B, map_count, N]
  };
  Result forward() const;

  struct Gradient {
    std::vector<Real> dq, dk, dv;
    // Root sums of squares of the terms scale P dP k and scale P (sum of P dP) k that dq is the difference of, and
    // likewise of dk's: where they cancel, an error is small beside them, not beside the gradient.
    Real dq_terms = 0, dk_terms = 0;
  };
  // The row sums of P dP are <out, d_out> where out is given, as in flash_attention; else they are summed.
  Gradient backward(const std::vector<Real>& d_out, Real d_sum_of_squares, const std::vector<Real>& out = {}) const;

 private:
  // The keys that row n of a head sees: the first ones.
  int64_t visible(int64_t n) const;
  bool chosen(int64_t b, int64_t t) const;
  Real rounded(Real x) const;
  void round_all(std::vector<Real>& values) const;
  // The probabilities of a row into `row`, 0 where the key is not seen; returns their log-sum-exp.
  Real softmax_row(int64_t seen, const Real* q_row, const Real* head_k, std::vector<Real>& row) const;
};

extern template struct Attention<double>;
extern template struct Attention<float>;

}  // namespace lethe::reference

#endif  // LETHE_REFERENCE_ATTENTION_H_
