// attention_scores on the CPU: checks the arguments and hands them to the best variant of attention_scores_simd.cpp.
#include "attention_scores.h"

#include "attention_scores_checks.h"
#include "isa.h"

namespace lethe {
namespace {

#ifdef __x86_64__
#define LETHE_DISPATCH(kernel, arguments) \
  switch (cpu_isa()) {                    \
    case Isa::kAvx512:                    \
      return avx512::kernel(arguments);   \
    case Isa::kAvx2:                      \
      return avx2::kernel(arguments);     \
    case Isa::kPortable:                  \
      break;                              \
  }                                       \
  return portable::kernel(arguments)
#else
#define LETHE_DISPATCH(kernel, arguments) return portable::kernel(arguments)
#endif

int forward(const AttentionScoresForward& a) { LETHE_DISPATCH(attention_scores_forward, a); }

int backward(const AttentionScoresBackward& a) { LETHE_DISPATCH(attention_scores_backward, a); }

}  // namespace
}  // namespace lethe

extern "C" int lethe_attention_scores_forward_f32(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                  const float* q, const int64_t* q_strides,               //
                                                  const float* k, const int64_t* k_strides,               //
                                                  const float* v, const int64_t* v_strides,               //
                                                  double scale, const uint8_t* columns,                   //
                                                  float* out, const int64_t* out_strides,                 //
                                                  float* lse, double* sum_of_squares) {
  lethe::AttentionScoresForward a;
  const int status = lethe::check_forward(B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides, scale, columns, out,
                                          out_strides, lse, sum_of_squares, a);
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
                                                   const float* lse,                                       //
                                                   const float* d_out, const int64_t* d_out_strides,       //
                                                   double d_sum_of_squares,                                //
                                                   float* dq, const int64_t* dq_strides,                   //
                                                   float* dk, const int64_t* dk_strides,                   //
                                                   float* dv, const int64_t* dv_strides) {
  lethe::AttentionScoresBackward a;
  const int status =
      lethe::check_backward(B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides, scale, columns, lse, d_out,
                            d_out_strides, d_sum_of_squares, dq, dq_strides, dk, dk_strides, dv, dv_strides, a);
  if (status != LETHE_OK || lethe::nothing_to_do(a)) {
    return status;
  }
  return lethe::backward(a);
}
