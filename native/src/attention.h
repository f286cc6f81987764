// The arguments of flash_attention and attention_scores after they were checked. The two are one computation: the
// second also sums the squares of chosen columns and writes the maps of tokens. Names and shapes are those of
// lethe_kernels.h.
#ifndef LETHE_ATTENTION_H_
#define LETHE_ATTENTION_H_

#include <stdint.h>

#include "lethe_kernels.h"

namespace lethe {

// Rows of d elements in memory: row (b, h, n) begins at data + b * stride_b + h * stride_h + n * stride_n.
template <typename Element>
struct Rows {
  Element* data;
  int64_t stride_b, stride_h, stride_n;
};

// Element: float or lethe_bf16.
template <typename Element>
struct AttentionForward {
  int64_t B, H, N, T, d;
  Rows<const Element> q, k, v;
  double scale;
  bool causal;
  bool with_out;  // false: v and out are absent, only the scores are wanted
  Rows<Element> out;
  double* lse;               // may be NULL in flash_attention
  const uint8_t* columns;   // NULL: none chosen
  double* sum_of_squares;   // NULL in flash_attention
  int64_t map_count;        // 0 in flash_attention
  const int64_t* map_tokens;
  float* maps;
};

template <typename Element>
struct AttentionBackward {
  int64_t B, H, N, T, d;
  Rows<const Element> q, k, v;
  double scale;
  bool causal;
  bool with_out;  // false: v, out, d_out and dv are absent, out gets no gradient
  // NULL where the row sums of P dP shall not be found from it: bf16 rounds it too much for attention_scores.
  Rows<const Element> out;
  const double* lse;
  Rows<const Element> d_out;
  const uint8_t* columns;  // NULL: none chosen
  double d_sum_of_squares;
  Rows<Element> dq, dk, dv;
};

}  // namespace lethe

#endif  // LETHE_ATTENTION_H_
