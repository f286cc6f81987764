// The argument checks that the entry points of attention_scores share, on the CPU and on the GPU.
#ifndef LETHE_ATTENTION_SCORES_CHECKS_H_
#define LETHE_ATTENTION_SCORES_CHECKS_H_

#include <cfloat>
#include <cmath>

#include "attention_scores.h"
#include "checks.h"

namespace lethe {

template <typename Float>
Rows<Float> rows(Float* data, const int64_t* strides) {
  return data == nullptr || strides == nullptr ? Rows<Float>{} : Rows<Float>{data, strides[0], strides[1], strides[2]};
}

inline int check_sizes(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d, double scale) {
  for (int64_t size : {B, H, N, T, d}) {
    if (size < 0) {
      return LETHE_BAD_ARGUMENT;
    }
  }
  if (!(std::fabs(scale) <= FLT_MAX)) {
    return LETHE_BAD_ARGUMENT;
  }
  return fits({B, H, N}) && fits({B, H, T}) && fits({B, H, N, d}) && fits({B, H, T, d}) ? LETHE_OK : LETHE_TOO_LARGE;
}

// Checks the arguments of lethe_attention_scores_forward_f32 and gathers them in `a`.
inline int check_forward(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                         const float* q, const int64_t* q_strides,               //
                         const float* k, const int64_t* k_strides,               //
                         const float* v, const int64_t* v_strides,               //
                         double scale, const uint8_t* columns,                   //
                         float* out, const int64_t* out_strides,                 //
                         float* lse, double* sum_of_squares, AttentionScoresForward& a) {
  const int status = check_sizes(B, H, N, T, d, scale);
  if (status != LETHE_OK) {
    return status;
  }
  const bool with_out = out != nullptr;
  a = {B,
       H,
       N,
       T,
       d,
       rows(q, q_strides),
       rows(k, k_strides),
       rows(v, v_strides),
       scale,
       columns,
       with_out,
       rows(out, out_strides),
       lse,
       sum_of_squares};
  return first_error({
      sum_of_squares == nullptr ? LETHE_BAD_ARGUMENT : LETHE_OK,
      // Without channels no other argument bounds the number of rows by memory that exists.
      lse == nullptr && !empty({B, H, N}) ? LETHE_BAD_ARGUMENT : LETHE_OK,
      check_tensor({B, H, N, d}, q, q_strides, false),
      check_tensor({B, H, T, d}, k, k_strides, false),
      with_out ? check_tensor({B, H, T, d}, v, v_strides, false) : LETHE_OK,
      with_out ? check_tensor({B, H, N, d}, out, out_strides, true) : LETHE_OK,
      !with_out && v != nullptr && !empty({B, H, N, d}) ? LETHE_BAD_ARGUMENT : LETHE_OK,
  });
}

// Checks the arguments of lethe_attention_scores_backward_f32 and gathers them in `a`.
inline int check_backward(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                          const float* q, const int64_t* q_strides,               //
                          const float* k, const int64_t* k_strides,               //
                          const float* v, const int64_t* v_strides,               //
                          double scale, const uint8_t* columns,                   //
                          const float* lse,                                       //
                          const float* d_out, const int64_t* d_out_strides,       //
                          double d_sum_of_squares,                                //
                          float* dq, const int64_t* dq_strides,                   //
                          float* dk, const int64_t* dk_strides,                   //
                          float* dv, const int64_t* dv_strides, AttentionScoresBackward& a) {
  const int status = check_sizes(B, H, N, T, d, scale);
  if (status != LETHE_OK) {
    return status;
  }
  const bool with_out = v != nullptr || d_out != nullptr || dv != nullptr;
  a = {B,
       H,
       N,
       T,
       d,
       rows(q, q_strides),
       rows(k, k_strides),
       rows(v, v_strides),
       scale,
       columns,
       with_out,
       lse,
       rows(d_out, d_out_strides),
       d_sum_of_squares,
       rows(dq, dq_strides),
       rows(dk, dk_strides),
       rows(dv, dv_strides)};
  return first_error({
      lse == nullptr && !empty({B, H, N}) ? LETHE_BAD_ARGUMENT : LETHE_OK,
      check_tensor({B, H, N, d}, q, q_strides, false),
      check_tensor({B, H, T, d}, k, k_strides, false),
      check_tensor({B, H, N, d}, dq, dq_strides, true),
      check_tensor({B, H, T, d}, dk, dk_strides, true),
      with_out ? check_tensor({B, H, T, d}, v, v_strides, false) : LETHE_OK,
      with_out ? check_tensor({B, H, N, d}, d_out, d_out_strides, false) : LETHE_OK,
      with_out ? check_tensor({B, H, T, d}, dv, dv_strides, true) : LETHE_OK,
  });
}

// Whether there are no sums to form, so that the forward result is the number 0.
inline bool nothing_to_do(const AttentionScoresForward& a) { return empty({a.B, a.H, a.N}); }

// Whether no gradient has an element.
inline bool nothing_to_do(const AttentionScoresBackward& a) { return empty({a.B, a.H, a.d}) || (a.N == 0 && a.T == 0); }

}  // namespace lethe

#endif  // LETHE_ATTENTION_SCORES_CHECKS_H_
