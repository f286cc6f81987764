// attention_scores in double precision and plain loops: what the kernels are compared with. All tensors contiguous.
#ifndef LETHE_REFERENCE_ATTENTION_SCORES_H_
#define LETHE_REFERENCE_ATTENTION_SCORES_H_

#include <cstdint>
#include <vector>

namespace lethe::reference {

struct AttentionScores {
  int64_t B, H, N, T, d;
  double scale;
  std::vector<double> q;         // [B, H, N, d]
  std::vector<double> k, v;      // [B, H, T, d]
  std::vector<uint8_t> columns;  // [B, T]

  struct Result {
    std::vector<double> out;  // [B, H, N, d]
    std::vector<double> lse;  // [B, H, N]
    double sum_of_squares = 0;
  };
  Result forward() const;

  struct Gradient {
    std::vector<double> dq, dk, dv;
  };
  Gradient backward(const std::vector<double>& d_out, double d_sum_of_squares) const;
};

}  // namespace lethe::reference

#endif  // LETHE_REFERENCE_ATTENTION_SCORES_H_
