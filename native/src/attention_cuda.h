// Attention on an NVIDIA GPU, behind the checks of flash_attention.cu and attention_scores.cu.
#ifndef LETHE_ATTENTION_CUDA_H_
#define LETHE_ATTENTION_CUDA_H_

#include "attention.h"
#include "cuda_launch.h"

namespace lethe {

int attention_forward_cuda(const AttentionForward<float>& a, cudaStream_t stream);
int attention_forward_cuda(const AttentionForward<lethe_bf16>& a, cudaStream_t stream);
int attention_backward_cuda(const AttentionBackward<float>& a, cudaStream_t stream);
int attention_backward_cuda(const AttentionBackward<lethe_bf16>& a, cudaStream_t stream);

}  // namespace lethe

#endif  // LETHE_ATTENTION_CUDA_H_
