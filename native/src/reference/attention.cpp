#include "reference/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/bf16.h"

namespace lethe::reference {

template <typename Real>
int64_t Attention<Real>::visible(int64_t n) const {
  return causal ? std::min(n + 1, T) : T;
}

template <typename Real>
bool Attention<Real>::chosen(int64_t b, int64_t t) const {
  return !columns.empty() && columns[b * T + t] != 0;
}

template <typename Real>
Real Attention<Real>::rounded(Real x) const {
  return rounding == Rounding::kBf16 ? from_bf16(to_bf16(static_cast<float>(x))) : x;
}

template <typename Real>
void Attention<Real>::round_all(std::vector<Real>& values) const {
  for (Real& value : values) {
    value = rounded(value);
  }
}

template <typename Real>
Real Attention<Real>::softmax_row(int64_t seen, const Real* q_row, const Real* head_k, std::vector<Real>& row) const {
  std::fill(row.begin(), row.end(), Real{0});
  Real largest = -std::numeric_limits<Real>::infinity();
  for (int64_t t = 0; t < seen; t++) {
    Real score = 0;
    for (int64_t c = 0; c < d; c++) {
      score += q_row[c] * head_k[t * d + c];
    }
    row[t] = scale * score;
    largest = std::max(largest, row[t]);
  }
  Real total = 0;
  for (int64_t t = 0; t < seen; t++) {
    row[t] = std::exp(row[t] - largest);
    total += row[t];
  }
  for (int64_t t = 0; t < seen; t++) {
    row[t] /= total;
  }
  return largest + std::log(total);
}

template <typename Real>
typename Attention<Real>::Result Attention<Real>::forward() const {
  const int64_t map_count = static_cast<int64_t>(map_tokens.size());
  Result result{std::vector<Real>(B * H * N * d), std::vector<Real>(B * H * N), 0,
                std::vector<Real>(B * map_count * N)};
  std::vector<Real> p(T);
  for (int64_t row = 0; row < B * H * N; row++) {
    const int64_t head = row / N;
    const int64_t b = head / H;
    const int64_t n = row % N;
    const Real* head_v = v.data() + head * T * d;
    result.lse[row] = softmax_row(visible(n), q.data() + row * d, k.data() + head * T * d, p);
    for (int64_t m = 0; m < map_count; m++) {
      result.maps[(b * map_count + m) * N + n] += p[map_tokens[m]] / H;
    }
    for (int64_t t = 0; t < visible(n); t++) {
      result.sum_of_squares += chosen(b, t) ? p[t] * p[t] : 0;
      for (int64_t c = 0; c < d; c++) {
        result.out[row * d + c] += rounded(p[t]) * head_v[t * d + c];
      }
    }
  }
  round_all(result.out);
  return result;
}

template <typename Real>
typename Attention<Real>::Gradient Attention<Real>::backward(const std::vector<Real>& d_out, Real d_sum_of_squares,
                                                             const std::vector<Real>& out) const {
  Gradient gradient{std::vector<Real>(B * H * N * d), std::vector<Real>(B * H * T * d),
                    std::vector<Real>(B * H * T * d)};
  std::vector<Real> p(T), dp(T);
  for (int64_t row = 0; row < B * H * N; row++) {
    const int64_t head = row / N;
    const int64_t seen = visible(row % N);
    const Real* q_row = q.data() + row * d;
    const Real* d_out_row = d_out.data() + row * d;
    const Real* head_k = k.data() + head * T * d;
    const Real* head_v = v.data() + head * T * d;
    Real* dq_row = gradient.dq.data() + row * d;
    Real* head_dk = gradient.dk.data() + head * T * d;
    Real* head_dv = gradient.dv.data() + head * T * d;
    softmax_row(seen, q_row, head_k, p);
    Real expected = 0;  // the sum over t of P dP
    for (int64_t t = 0; t < seen; t++) {
      dp[t] = chosen(head / H, t) ? 2 * d_sum_of_squares * p[t] : 0;
      for (int64_t c = 0; c < d; c++) {
        dp[t] += d_out_row[c] * head_v[t * d + c];
      }
      expected += out.empty() ? p[t] * dp[t] : 0;
    }
    for (int64_t c = 0; c < d && !out.empty(); c++) {
      expected += out[row * d + c] * d_out_row[c];
    }
    for (int64_t t = 0; t < seen; t++) {
      const Real ds = rounded(p[t] * (dp[t] - expected));
      const Real term = scale * scale * p[t] * p[t] * (dp[t] * dp[t] + expected * expected);
      for (int64_t c = 0; c < d; c++) {
        dq_row[c] += scale * ds * head_k[t * d + c];
        head_dk[t * d + c] += scale * ds * q_row[c];
        head_dv[t * d + c] += rounded(p[t]) * d_out_row[c];
        gradient.dq_terms += term * head_k[t * d + c] * head_k[t * d + c];
        gradient.dk_terms += term * q_row[c] * q_row[c];
      }
    }
  }
  for (std::vector<Real>* values : {&gradient.dq, &gradient.dk, &gradient.dv}) {
    round_all(*values);
  }
  gradient.dq_terms = std::sqrt(gradient.dq_terms);
  gradient.dk_terms = std::sqrt(gradient.dk_terms);
  return gradient;
}

template struct Attention<double>;
template struct Attention<float>;

}  // namespace lethe::reference
