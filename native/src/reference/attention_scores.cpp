#include "reference/attention_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lethe::reference {

template <typename Real>
Real AttentionScores<Real>::softmax_row(const Real* q_row, const Real* head_k, std::vector<Real>& row) const {
  Real largest = -std::numeric_limits<Real>::infinity();
  for (int64_t t = 0; t < T; t++) {
    Real score = 0;
    for (int64_t c = 0; c < d; c++) {
      score += q_row[c] * head_k[t * d + c];
    }
    row[t] = scale * score;
    largest = std::max(largest, row[t]);
  }
  Real total = 0;
  for (Real& p : row) {
    p = std::exp(p - largest);
    total += p;
  }
  for (Real& p : row) {
    p /= total;
  }
  return largest + std::log(total);
}

template <typename Real>
typename AttentionScores<Real>::Result AttentionScores<Real>::forward() const {
  Result result{std::vector<Real>(B * H * N * d), std::vector<Real>(B * H * N), 0};
  std::vector<Real> p(T);
  for (int64_t head = 0; head < B * H; head++) {
    const Real* head_k = k.data() + head * T * d;
    const Real* head_v = v.data() + head * T * d;
    const uint8_t* chosen = columns.data() + head / H * T;
    for (int64_t n = head * N; n < (head + 1) * N; n++) {
      result.lse[n] = softmax_row(q.data() + n * d, head_k, p);
      for (int64_t t = 0; t < T; t++) {
        if (chosen[t] != 0) {
          result.sum_of_squares += p[t] * p[t];
        }
        for (int64_t c = 0; c < d; c++) {
          result.out[n * d + c] += p[t] * head_v[t * d + c];
        }
      }
    }
  }
  return result;
}

template <typename Real>
typename AttentionScores<Real>::Gradient AttentionScores<Real>::backward(const std::vector<Real>& d_out,
                                                                         Real d_sum_of_squares) const {
  Gradient gradient{std::vector<Real>(B * H * N * d), std::vector<Real>(B * H * T * d),
                    std::vector<Real>(B * H * T * d)};
  std::vector<Real> p(T), dp(T);
  for (int64_t head = 0; head < B * H; head++) {
    const Real* head_k = k.data() + head * T * d;
    const Real* head_v = v.data() + head * T * d;
    Real* head_dk = gradient.dk.data() + head * T * d;
    Real* head_dv = gradient.dv.data() + head * T * d;
    const uint8_t* chosen = columns.data() + head / H * T;
    for (int64_t n = head * N; n < (head + 1) * N; n++) {
      softmax_row(q.data() + n * d, head_k, p);
      Real expected = 0;
      for (int64_t t = 0; t < T; t++) {
        dp[t] = chosen[t] != 0 ? 2 * d_sum_of_squares * p[t] : 0;
        for (int64_t c = 0; c < d; c++) {
          dp[t] += d_out[n * d + c] * head_v[t * d + c];
        }
        expected += p[t] * dp[t];
      }
      for (int64_t t = 0; t < T; t++) {
        const Real ds = p[t] * (dp[t] - expected);
        for (int64_t c = 0; c < d; c++) {
          gradient.dq[n * d + c] += scale * ds * head_k[t * d + c];
          head_dk[t * d + c] += scale * ds * q[n * d + c];
          head_dv[t * d + c] += p[t] * d_out[n * d + c];
        }
      }
    }
  }
  return gradient;
}

template struct AttentionScores<double>;
template struct AttentionScores<float>;

}  // namespace lethe::reference
