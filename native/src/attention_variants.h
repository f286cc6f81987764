// Attention for each instruction set: attention_forward_simd.cpp and attention_backward_simd.cpp.
#ifndef LETHE_ATTENTION_VARIANTS_H_
#define LETHE_ATTENTION_VARIANTS_H_

#include "attention.h"
#include "isa.h"

namespace lethe {

LETHE_DECLARE_VARIANTS(int attention_forward(const AttentionForward<float>& a);
                       int attention_forward(const AttentionForward<lethe_bf16>& a);
                       int attention_backward(const AttentionBackward<float>& a);
                       int attention_backward(const AttentionBackward<lethe_bf16>& a))

}  // namespace lethe

#endif  // LETHE_ATTENTION_VARIANTS_H_
