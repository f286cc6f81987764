#include "reference/attention_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lethe::reference {
namespace {

struct Row {
  std::vector<double> probabilities;  // [T]
  double lse;
};

Row softmax_row(const AttentionScores& a, const double* q, const double* k) {
  Row row{std::vector<double>(a.T), 0};
  double largest = -std::numeric_limits<double>::infinity();
  for (int64_t t = 0; t < a.T; t++) {
    double score = 0;
    for (int64_t c = 0; c < a.d; c++) {
      score += q[c] * k[t * a.d + c];
    }
    row.probabilities[t] = a.scale * score;
    largest = std::max(largest, row.probabilities[t]);
  }
  double total = 0;
  for (double& p : row.probabilities) {
    p = std::exp(p - largest);
    total += p;
  }
  for (double& p : row.probabilities) {
    p /= total;
  }
  row.lse = largest + std::log(total);
  return row;
}

}  // namespace

AttentionScores::Result AttentionScores::forward() const {
  Result result{std::vector<double>(B * H * N * d), std::vector<double>(B * H * N), 0};
  for (int64_t head = 0; head < B * H; head++) {
    const double* head_k = k.data() + head * T * d;
    const double* head_v = v.data() + head * T * d;
    const uint8_t* chosen = columns.data() + head / H * T;
    for (int64_t n = head * N; n < (head + 1) * N; n++) {
      const Row row = softmax_row(*this, q.data() + n * d, head_k);
      result.lse[n] = row.lse;
      for (int64_t t = 0; t < T; t++) {
        const double p = row.probabilities[t];
        if (chosen[t] != 0) {
          result.sum_of_squares += p * p;
        }
        for (int64_t c = 0; c < d; c++) {
          result.out[n * d + c] += p * head_v[t * d + c];
        }
      }
    }
  }
  return result;
}

AttentionScores::Gradient AttentionScores::backward(const std::vector<double>& d_out, double d_sum_of_squares) const {
  Gradient gradient{std::vector<double>(B * H * N * d), std::vector<double>(B * H * T * d),
                    std::vector<double>(B * H * T * d)};
  for (int64_t head = 0; head < B * H; head++) {
    const double* head_k = k.data() + head * T * d;
    const double* head_v = v.data() + head * T * d;
    double* head_dk = gradient.dk.data() + head * T * d;
    double* head_dv = gradient.dv.data() + head * T * d;
    const uint8_t* chosen = columns.data() + head / H * T;
    for (int64_t n = head * N; n < (head + 1) * N; n++) {
      const Row row = softmax_row(*this, q.data() + n * d, head_k);
      std::vector<double> dp(T);
      double expected = 0;
      for (int64_t t = 0; t < T; t++) {
        for (int64_t c = 0; c < d; c++) {
          dp[t] += d_out[n * d + c] * head_v[t * d + c];
        }
        if (chosen[t] != 0) {
          dp[t] += 2 * d_sum_of_squares * row.probabilities[t];
        }
        expected += row.probabilities[t] * dp[t];
      }
      for (int64_t t = 0; t < T; t++) {
        const double p = row.probabilities[t];
        const double ds = p * (dp[t] - expected);
        for (int64_t c = 0; c < d; c++) {
          gradient.dq[n * d + c] += scale * ds * head_k[t * d + c];
          head_dk[t * d + c] += scale * ds * q[n * d + c];
          head_dv[t * d + c] += p * d_out[n * d + c];
        }
      }
    }
  }
  return gradient;
}

}  // namespace lethe::reference
