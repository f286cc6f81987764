// The arguments of the attention_scores kernels after they were checked, and one implementation per instruction set.
// The names and shapes are those of lethe_kernels.h.
#ifndef LETHE_ATTENTION_SCORES_H_
#define LETHE_ATTENTION_SCORES_H_

#include <stdint.h>

namespace lethe {

// Rows of d floats in memory: row (b, h, n) begins at data + b * stride_b + h * stride_h + n * stride_n.
template <typename Float>
struct Rows {
  Float* data;
  int64_t stride_b, stride_h, stride_n;
};

struct AttentionScoresForward {
  int64_t B, H, N, T, d;
  Rows<const float> q, k, v;
  double scale;
  const uint8_t* columns;
  bool with_out;  // false: v and out are absent, only the scores are wanted
  Rows<float> out;
  float* lse;
  double* sum_of_squares;
};

struct AttentionScoresBackward {
  int64_t B, H, N, T, d;
  Rows<const float> q, k, v;
  double scale;
  const uint8_t* columns;
  bool with_out;  // false: v, d_out and dv are absent, out gets no gradient
  const float* lse;
  Rows<const float> d_out;
  double d_sum_of_squares;
  Rows<float> dq, dk, dv;
};

#define LETHE_DECLARE_ATTENTION_SCORES(isa)                        \
  namespace isa {                                                  \
  int attention_scores_forward(const AttentionScoresForward& a);   \
  int attention_scores_backward(const AttentionScoresBackward& a); \
  }
LETHE_DECLARE_ATTENTION_SCORES(avx512)
LETHE_DECLARE_ATTENTION_SCORES(avx2)
LETHE_DECLARE_ATTENTION_SCORES(portable)
#undef LETHE_DECLARE_ATTENTION_SCORES

}  // namespace lethe

#endif  // LETHE_ATTENTION_SCORES_H_
