// attention_scores on an NVIDIA GPU: checks the arguments and queues the kernels of attention_forward.cu and
// attention_backward.cu.
#include "attention_checks.h"
#include "attention_cuda.h"

extern "C" int lethe_attention_scores_forward_f32_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                       const float* q, const int64_t* q_strides,               //
                                                       const float* k, const int64_t* k_strides,               //
                                                       const float* v, const int64_t* v_strides,               //
                                                       double scale, const uint8_t* columns,                   //
                                                       float* out, const int64_t* out_strides,                 //
                                                       double* lse, double* sum_of_squares,                    //
                                                       int64_t map_count, const int64_t* map_tokens, float* maps,
                                                       void* stream) {
  lethe::AttentionForward<float> a;
  const int status = lethe::check_attention_scores_forward(B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides,
                                                           scale, columns, out, out_strides, lse, sum_of_squares,
                                                           map_count, map_tokens, maps, a);
  if (status != LETHE_OK) {
    return status;
  }
  const auto cuda_stream = static_cast<cudaStream_t>(stream);
  if (lethe::nothing_to_do(a)) {
    return cudaMemsetAsync(sum_of_squares, 0, sizeof(double), cuda_stream) == cudaSuccess ? LETHE_OK
                                                                                          : LETHE_DEVICE_ERROR;
  }
  return lethe::attention_forward_cuda(a, cuda_stream);
}

extern "C" int lethe_attention_scores_forward_bf16_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                        const lethe_bf16* q, const int64_t* q_strides,          //
                                                        const lethe_bf16* k, const int64_t* k_strides,          //
                                                        const lethe_bf16* v, const int64_t* v_strides,          //
                                                        double scale, const uint8_t* columns,                   //
                                                        lethe_bf16* out, const int64_t* out_strides,            //
                                                        double* lse, double* sum_of_squares,                    //
                                                        int64_t map_count, const int64_t* map_tokens, float* maps,
                                                        void* stream) {
  lethe::AttentionForward<lethe_bf16> a;
  const int status = lethe::check_attention_scores_forward(B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides,
                                                           scale, columns, out, out_strides, lse, sum_of_squares,
                                                           map_count, map_tokens, maps, a);
  if (status != LETHE_OK) {
    return status;
  }
  const auto cuda_stream = static_cast<cudaStream_t>(stream);
  if (lethe::nothing_to_do(a)) {
    return cudaMemsetAsync(sum_of_squares, 0, sizeof(double), cuda_stream) == cudaSuccess ? LETHE_OK
                                                                                          : LETHE_DEVICE_ERROR;
  }
  return lethe::attention_forward_cuda(a, cuda_stream);
}

extern "C" int lethe_attention_scores_backward_f32_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
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
                                                        float* dv, const int64_t* dv_strides, void* stream) {
  lethe::AttentionBackward<float> a;
  const int status = lethe::check_attention_scores_backward(B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides,
                                                            scale, columns, out, out_strides, lse, d_out, d_out_strides,
                                                            d_sum_of_squares, dq, dq_strides, dk, dk_strides, dv,
                                                            dv_strides, a);
  if (status != LETHE_OK || lethe::nothing_to_do(a)) {
    return status;
  }
  return lethe::attention_backward_cuda(a, static_cast<cudaStream_t>(stream));
}

extern "C" int lethe_attention_scores_backward_bf16_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
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
                                                         lethe_bf16* dv, const int64_t* dv_strides, void* stream) {
  lethe::AttentionBackward<lethe_bf16> a;
  const int status = lethe::check_attention_scores_backward(B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides,
                                                            scale, columns, out, out_strides, lse, d_out, d_out_strides,
                                                            d_sum_of_squares, dq, dq_strides, dk, dk_strides, dv,
                                                            dv_strides, a);
  if (status != LETHE_OK || lethe::nothing_to_do(a)) {
    return status;
  }
  return lethe::attention_backward_cuda(a, static_cast<cudaStream_t>(stream));
}
