// The argument checks that the entry points of flash_attention and attention_scores share, on the CPU and on the GPU.
#ifndef LETHE_ATTENTION_CHECKS_H_
#define LETHE_ATTENTION_CHECKS_H_

#include <cfloat>
#include <cmath>
#include <type_traits>

#include "attention.h"
#include "checks.h"

namespace lethe {

template <typename Element>
Rows<Element> rows(Element* data, const int64_t* strides) {
  return data == nullptr || strides == nullptr ? Rows<Element>{}
                                               : Rows<Element>{data, strides[0], strides[1], strides[2]};
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

inline int require(bool holds) { return holds ? LETHE_OK : LETHE_BAD_ARGUMENT; }

inline int check_maps(int64_t B, int64_t N, int64_t T, int64_t map_count, const int64_t* map_tokens,
                      const float* maps) {
  if (map_count < 0 || (map_count > 0 && map_tokens == nullptr)) {
    return LETHE_BAD_ARGUMENT;
  }
  if (!fits({B, map_count, N})) {
    return LETHE_TOO_LARGE;
  }
  for (int64_t m = 0; m < map_count; m++) {
    if (map_tokens[m] < 0 || map_tokens[m] >= T) {
      return LETHE_BAD_ARGUMENT;
    }
  }
  return require(maps != nullptr || empty({B, map_count, N}));
}

// Checks the arguments of lethe_attention_scores_forward_* and gathers them in `a`.
template <typename Element>
int check_attention_scores_forward(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                   const Element* q, const int64_t* q_strides,             //
                                   const Element* k, const int64_t* k_strides,             //
                                   const Element* v, const int64_t* v_strides,             //
                                   double scale, const uint8_t* columns,                   //
                                   Element* out, const int64_t* out_strides,               //
                                   double* lse, double* sum_of_squares,                    //
                                   int64_t map_count, const int64_t* map_tokens, float* maps,
                                   AttentionForward<Element>& a) {
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
       false,
       with_out,
       rows(out, out_strides),
       lse,
       columns,
       sum_of_squares,
       map_count,
       map_tokens,
       maps};
  return first_error({
      require(sum_of_squares != nullptr),
      // Without channels no other argument bounds the number of rows by memory that exists.
      require(lse != nullptr || empty({B, H, N})),
      check_tensor({B, H, N, d}, q, q_strides, false),
      check_tensor({B, H, T, d}, k, k_strides, false),
      with_out ? check_tensor({B, H, T, d}, v, v_strides, false) : LETHE_OK,
      with_out ? check_tensor({B, H, N, d}, out, out_strides, true) : LETHE_OK,
      require(with_out || v == nullptr || empty({B, H, N, d})),
      check_maps(B, N, T, map_count, map_tokens, maps),
  });
}

// Checks the arguments of lethe_attention_scores_backward_* and gathers them in `a`.
template <typename Element>
int check_attention_scores_backward(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                    const Element* q, const int64_t* q_strides,             //
                                    const Element* k, const int64_t* k_strides,             //
                                    const Element* v, const int64_t* v_strides,             //
                                    double scale, const uint8_t* columns,                   //
                                    const Element* out, const int64_t* out_strides,         //
                                    const double* lse,                                      //
                                    const Element* d_out, const int64_t* d_out_strides,     //
                                    double d_sum_of_squares,                                //
                                    Element* dq, const int64_t* dq_strides,                 //
                                    Element* dk, const int64_t* dk_strides,                 //
                                    Element* dv, const int64_t* dv_strides, AttentionBackward<Element>& a) {
  const int status = check_sizes(B, H, N, T, d, scale);
  if (status != LETHE_OK) {
    return status;
  }
  const bool with_out = v != nullptr || out != nullptr || d_out != nullptr || dv != nullptr;
  a = {B,
       H,
       N,
       T,
       d,
       rows(q, q_strides),
       rows(k, k_strides),
       rows(v, v_strides),
       scale,
       false,
       with_out,
       std::is_same_v<Element, float> ? rows(out, out_strides) : Rows<const Element>{},
       lse,
       rows(d_out, d_out_strides),
       d_sum_of_squares == 0 ? nullptr : columns,
       d_sum_of_squares,
       rows(dq, dq_strides),
       rows(dk, dk_strides),
       rows(dv, dv_strides)};
  return first_error({
      require(lse != nullptr || empty({B, H, N})),
      check_tensor({B, H, N, d}, q, q_strides, false),
      check_tensor({B, H, T, d}, k, k_strides, false),
      check_tensor({B, H, N, d}, dq, dq_strides, true),
      check_tensor({B, H, T, d}, dk, dk_strides, true),
      with_out ? check_tensor({B, H, T, d}, v, v_strides, false) : LETHE_OK,
      with_out ? check_tensor({B, H, N, d}, out, out_strides, false) : LETHE_OK,
      with_out ? check_tensor({B, H, N, d}, d_out, d_out_strides, false) : LETHE_OK,
      with_out ? check_tensor({B, H, T, d}, dv, dv_strides, true) : LETHE_OK,
  });
}

// Checks the arguments of lethe_flash_attention_forward_* and gathers them in `a`.
template <typename Element>
int check_flash_attention_forward(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                  const Element* q, const int64_t* q_strides,             //
                                  const Element* k, const int64_t* k_strides,             //
                                  const Element* v, const int64_t* v_strides,             //
                                  double scale, int causal,                               //
                                  Element* out, const int64_t* out_strides,               //
                                  double* lse, AttentionForward<Element>& a) {
  const int status = check_sizes(B, H, N, T, d, scale);
  if (status != LETHE_OK) {
    return status;
  }
  a = {B,
       H,
       N,
       T,
       d,
       rows(q, q_strides),
       rows(k, k_strides),
       rows(v, v_strides),
       scale,
       causal != 0,
       true,
       rows(out, out_strides),
       lse,
       nullptr,
       nullptr,
       0,
       nullptr,
       nullptr};
  return first_error({
      check_tensor({B, H, N, d}, q, q_strides, false),
      check_tensor({B, H, T, d}, k, k_strides, false),
      check_tensor({B, H, T, d}, v, v_strides, false),
      check_tensor({B, H, N, d}, out, out_strides, true),
  });
}

// Checks the arguments of lethe_flash_attention_backward_* and gathers them in `a`.
template <typename Element>
int check_flash_attention_backward(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                   const Element* q, const int64_t* q_strides,             //
                                   const Element* k, const int64_t* k_strides,             //
                                   const Element* v, const int64_t* v_strides,             //
                                   double scale, int causal,                               //
                                   const Element* out, const int64_t* out_strides,         //
                                   const double* lse,                                      //
                                   const Element* d_out, const int64_t* d_out_strides,     //
                                   Element* dq, const int64_t* dq_strides,                 //
                                   Element* dk, const int64_t* dk_strides,                 //
                                   Element* dv, const int64_t* dv_strides, AttentionBackward<Element>& a) {
  const int status = check_sizes(B, H, N, T, d, scale);
  if (status != LETHE_OK) {
    return status;
  }
  a = {B,
       H,
       N,
       T,
       d,
       rows(q, q_strides),
       rows(k, k_strides),
       rows(v, v_strides),
       scale,
       causal != 0,
       true,
       rows(out, out_strides),
       lse,
       rows(d_out, d_out_strides),
       nullptr,
       0,
       rows(dq, dq_strides),
       rows(dk, dk_strides),
       rows(dv, dv_strides)};
  return first_error({
      require(lse != nullptr || empty({B, H, N, d})),
      check_tensor({B, H, N, d}, q, q_strides, false),
      check_tensor({B, H, T, d}, k, k_strides, false),
      check_tensor({B, H, T, d}, v, v_strides, false),
      check_tensor({B, H, N, d}, out, out_strides, false),
      check_tensor({B, H, N, d}, d_out, d_out_strides, false),
      check_tensor({B, H, N, d}, dq, dq_strides, true),
      check_tensor({B, H, T, d}, dk, dk_strides, true),
      check_tensor({B, H, T, d}, dv, dv_strides, true),
  });
}

// Whether there is no row, or nothing to write about one: the results are empty and the sum is 0.
template <typename Element>
bool nothing_to_do(const AttentionForward<Element>& a) {
  // Rows without channels and log-sum-exp take no memory, so there may be more of them than anyone can visit.
  return empty({a.B, a.H, a.N}) || (a.d == 0 && a.lse == nullptr);
}

// Whether no gradient has an element.
template <typename Element>
bool nothing_to_do(const AttentionBackward<Element>& a) {
  return empty({a.B, a.H, a.d}) || (a.N == 0 && a.T == 0);
}

}  // namespace lethe

#endif  // LETHE_ATTENTION_CHECKS_H_
