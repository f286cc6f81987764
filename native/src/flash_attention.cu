// flash_attention on an NVIDIA GPU: checks the arguments and queues the kernels of attention_forward.cu and
// attention_backward.cu.
#include "attention_checks.h"
#include "attention_cuda.h"

extern "C" int lethe_flash_attention_forward_f32_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                      const float* q, const int64_t* q_strides,               //
                                                      const float* k, const int64_t* k_strides,               //
                                                      const float* v, const int64_t* v_strides,               //
                                                      double scale, int causal,                               //
                                                      float* out, const int64_t* out_strides,                 //
                                                      double* lse, void* stream) {
  lethe::AttentionForward<float> a;
  const int status = lethe::check_flash_attention_forward(B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides,
                                                          scale, causal, out, out_strides, lse, a);
  if (status != LETHE_OK || lethe::nothing_to_do(a)) {
    return status;
  }
  return lethe::attention_forward_cuda(a, static_cast<cudaStream_t>(stream));
}

extern "C" int lethe_flash_attention_forward_bf16_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                       const lethe_bf16* q, const int64_t* q_strides,          //
                                                       const lethe_bf16* k, const int64_t* k_strides,          //
                                                       const lethe_bf16* v, const int64_t* v_strides,          //
                                                       double scale, int causal,                               //
                                                       lethe_bf16* out, const int64_t* out_strides,            //
                                                       double* lse, void* stream) {
  lethe::AttentionForward<lethe_bf16> a;
  const int status = lethe::check_flash_attention_forward(B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides,
                                                          scale, causal, out, out_strides, lse, a);
  if (status != LETHE_OK || lethe::nothing_to_do(a)) {
    return status;
  }
  return lethe::attention_forward_cuda(a, static_cast<cudaStream_t>(stream));
}

extern "C" int lethe_flash_attention_backward_f32_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                       const float* q, const int64_t* q_strides,               //
                                                       const float* k, const int64_t* k_strides,               //
                                                       const float* v, const int64_t* v_strides,               //
                                                       double scale, int causal,                               //
                                                       const float* out, const int64_t* out_strides,           //
                                                       const double* lse,                                      //
                                                       const float* d_out, const int64_t* d_out_strides,       //
                                                       float* dq, const int64_t* dq_strides,                   //
                                                       float* dk, const int64_t* dk_strides,                   //
                                                       float* dv, const int64_t* dv_strides, void* stream) {
  lethe::AttentionBackward<float> a;
  const int status = lethe::check_flash_attention_backward(B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides,
                                                           scale, causal, out, out_strides, lse, d_out, d_out_strides,
                                                           dq, dq_strides, dk, dk_strides, dv, dv_strides, a);
  if (status != LETHE_OK || lethe::nothing_to_do(a)) {
    return status;
  }
  return lethe::attention_backward_cuda(a, static_cast<cudaStream_t>(stream));
}

extern "C" int lethe_flash_attention_backward_bf16_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                        const lethe_bf16* q, const int64_t* q_strides,          //
                                                        const lethe_bf16* k, const int64_t* k_strides,          //
                                                        const lethe_bf16* v, const int64_t* v_strides,          //
                                                        double scale, int causal,                               //
                                                        const lethe_bf16* out, const int64_t* out_strides,      //
                                                        const double* lse,                                      //
                                                        const lethe_bf16* d_out, const int64_t* d_out_strides,  //
                                                        lethe_bf16* dq, const int64_t* dq_strides,              //
                                                        lethe_bf16* dk, const int64_t* dk_strides,              //
                                                        lethe_bf16* dv, const int64_t* dv_strides, void* stream) {
  lethe::AttentionBackward<lethe_bf16> a;
  const int status = lethe::check_flash_attention_backward(B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides,
                                                           scale, causal, out, out_strides, lse, d_out, d_out_strides,
                                                           dq, dq_strides, dk, dk_strides, dv, dv_strides, a);
  if (status != LETHE_OK || lethe::nothing_to_do(a)) {
    return status;
  }
  return lethe::attention_backward_cuda(a, static_cast<cudaStream_t>(stream));
}
