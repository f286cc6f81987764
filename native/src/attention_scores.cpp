// attention_scores on the CPU: checks the arguments and hands them to the best variant of attention_*_simd.cpp.
#include "attention_checks.h"
#include "attention_variants.h"

namespace lethe {
namespace {

template <typename Element>
int forward(const AttentionForward<Element>& a) {
  LETHE_DISPATCH(attention_forward, a);
}

template <typename Element>
int backward(const AttentionBackward<Element>& a) {
  LETHE_DISPATCH(attention_backward, a);
}

}  // namespace
}  // namespace lethe

extern "C" int lethe_attention_scores_forward_f32(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                  const float* q, const int64_t* q_strides,               //
                                                  const float* k, const int64_t* k_strides,               //
                                                  const float* v, const int64_t* v_strides,               //
                                                  double scale, const uint8_t* columns,                   //
                                                  float* out, const int64_t* out_strides,                 //
                                                  double* lse, double* sum_of_squares,                    //
                                                  int64_t map_count, const int64_t* map_tokens, float* maps) {
  lethe::AttentionForward<float> a;
  const int status = lethe::check_attention_scores_forward(B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides,
                                                           scale, columns, out, out_strides, lse, sum_of_squares,
                                                           map_count, map_tokens, maps, a);
  if (status != LETHE_OK) {
    return status;
  }
  if (lethe::nothing_to_do(a)) {
    *sum_of_squares = 0;
    return LETHE_OK;
  }
  return lethe::forward(a);
}

extern "C" int lethe_attention_scores_forward_bf16(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                   const lethe_bf16* q, const int64_t* q_strides,          //
                                                   const lethe_bf16* k, const int64_t* k_strides,          //
                                                   const lethe_bf16* v, const int64_t* v_strides,          //
                                                   double scale, const uint8_t* columns,                   //
                                                   lethe_bf16* out, const int64_t* out_strides,            //
                                                   double* lse, double* sum_of_squares,                    //
                                                   int64_t map_count, const int64_t* map_tokens, float* maps) {
  lethe::AttentionForward<lethe_bf16> a;
  const int status = lethe::check_attention_scores_forward(B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides,
                                                           scale, columns, out, out_strides, lse, sum_of_squares,
                                                           map_count, map_tokens, maps, a);
  if (status != LETHE_OK) {
    return status;
  }
  if (lethe::nothing_to_do(a)) {
    *sum_of_squares = 0;
    return LETHE_OK;
  }
  return lethe::forward(a);
}

extern "C" int lethe_attention_scores_backward_f32(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                   const float* q, const int64_t* q_strides,               //
                                                   const float* k, const int64_t* k_strides,               //
                                                   const float* v, const int64_t* v_strides,               //
                                                   double scale, const uint8_t* columns,                   //
                                                   const float* out, const int64_t* out_strides,           //
                                                   const double* lse,                                      //
                                                   const float* d_out, const int64_t* d_out_strides,       //
                                                   double d_sum_of_squares,                                //
                                                   float* dq, const int64_t* dq_strides,                   //
                                                   float* dk, const int64_t* dk_strides,                   //
                                                   float* dv, const int64_t* dv_strides) {
  lethe::AttentionBackward<float> a;
  const int status = lethe::check_attention_scores_backward(
      B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides, scale, columns, out, out_strides, lse, d_out,
      d_out_strides, d_sum_of_squares, dq, dq_strides, dk, dk_strides, dv, dv_strides, a);
  if (status != LETHE_OK || lethe::nothing_to_do(a)) {
    return status;
  }
  return lethe::backward(a);
}

extern "C" int lethe_attention_scores_backward_bf16(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                    const lethe_bf16* q, const int64_t* q_strides,          //
                                                    const lethe_bf16* k, const int64_t* k_strides,          //
                                                    const lethe_bf16* v, const int64_t* v_strides,          //
                                                    double scale, const uint8_t* columns,                   //
                                                    const lethe_bf16* out, const int64_t* out_strides,      //
                                                    const double* lse,                                      //
                                                    const lethe_bf16* d_out, const int64_t* d_out_strides,  //
                                                    double d_sum_of_squares,                                //
                                                    lethe_bf16* dq, const int64_t* dq_strides,              //
                                                    lethe_bf16* dk, const int64_t* dk_strides,              //
                                                    lethe_bf16* dv, const int64_t* dv_strides) {
  lethe::AttentionBackward<lethe_bf16> a;
  const int status = lethe::check_attention_scores_backward(
      B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides, scale, columns, out, out_strides, lse, d_out,
      d_out_strides, d_sum_of_squares, dq, dq_strides, dk, dk_strides, dv, dv_strides, a);
  if (status != LETHE_OK || lethe::nothing_to_do(a)) {
    return status;
  }
  return lethe::backward(a);
}
