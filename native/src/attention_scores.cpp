// attention_scores on the CPU: checks the arguments and hands them to the best variant of attention_scores_simd.cpp.
#include "attention_scores.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <initializer_list>

#include "checks.h"
#include "isa.h"

namespace lethe {
namespace {

template <typename Float>
Rows<Float> rows(Float* data, const int64_t* strides) {
  return data == nullptr || strides == nullptr ? Rows<Float>{} : Rows<Float>{data, strides[0], strides[1], strides[2]};
}

int check_sizes(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d, double scale) {
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

bool empty(std::initializer_list<int64_t> sizes) { return std::find(sizes.begin(), sizes.end(), 0) != sizes.end(); }

int first_error(std::initializer_list<int> statuses) {
  for (int status : statuses) {
    if (status != LETHE_OK) {
      return status;
    }
  }
  return LETHE_OK;
}

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
  using namespace lethe;
  int status = check_sizes(B, H, N, T, d, scale);
  if (status != LETHE_OK) {
    return status;
  }
  if (sum_of_squares == nullptr) {
    return LETHE_BAD_ARGUMENT;
  }
  const bool with_out = out != nullptr;
  status = first_error({
      check_tensor({B, H, N, d}, q, q_strides, false),
      check_tensor({B, H, T, d}, k, k_strides, false),
      with_out ? check_tensor({B, H, T, d}, v, v_strides, false) : LETHE_OK,
      with_out ? check_tensor({B, H, N, d}, out, out_strides, true) : LETHE_OK,
      !with_out && v != nullptr && !empty({B, H, N, d}) ? LETHE_BAD_ARGUMENT : LETHE_OK,
  });
  if (status != LETHE_OK) {
    return status;
  }
  if (empty({B, H, N})) {
    *sum_of_squares = 0;
    return LETHE_OK;
  }
  return forward({B, H, N, T, d, rows(q, q_strides), rows(k, k_strides), rows(v, v_strides), scale, columns, with_out,
                  rows(out, out_strides), lse, sum_of_squares});
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
  using namespace lethe;
  int status = check_sizes(B, H, N, T, d, scale);
  if (status != LETHE_OK) {
    return status;
  }
  const bool with_out = v != nullptr || d_out != nullptr || dv != nullptr;
  status = first_error({
      lse == nullptr && !empty({B, H, N}) ? LETHE_BAD_ARGUMENT : LETHE_OK,
      check_tensor({B, H, N, d}, q, q_strides, false),
      check_tensor({B, H, T, d}, k, k_strides, false),
      check_tensor({B, H, N, d}, dq, dq_strides, true),
      check_tensor({B, H, T, d}, dk, dk_strides, true),
      with_out ? check_tensor({B, H, T, d}, v, v_strides, false) : LETHE_OK,
      with_out ? check_tensor({B, H, N, d}, d_out, d_out_strides, false) : LETHE_OK,
      with_out ? check_tensor({B, H, T, d}, dv, dv_strides, true) : LETHE_OK,
  });
  if (status != LETHE_OK) {
    return status;
  }
  if (empty({B, H, d}) || (N == 0 && T == 0)) {
    return LETHE_OK;
  }
  return backward({B, H, N, T, d, rows(q, q_strides), rows(k, k_strides), rows(v, v_strides), scale, columns, with_out,
                   lse, rows(d_out, d_out_strides), d_sum_of_squares, rows(dq, dq_strides), rows(dk, dk_strides),
                   rows(dv, dv_strides)});
}
