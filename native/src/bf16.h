// Elements of either type as floats, and back, on the CPU and on the GPU. Internal linkage, for the reason that simd.h
// gives.
#ifndef LETHE_BF16_H_
#define LETHE_BF16_H_

#include <stdint.h>

#include "lethe_kernels.h"

// What computes one element, alike on both.
#ifdef __CUDACC__
#define LETHE_ELEMENT __host__ __device__ inline
#else
#define LETHE_ELEMENT inline
#endif

namespace lethe {
namespace {

LETHE_ELEMENT float widen(float value) { return value; }

LETHE_ELEMENT float widen(lethe_bf16 value) {
  const uint32_t bits = static_cast<uint32_t>(value) << 16;
  float wide;
  __builtin_memcpy(&wide, &bits, sizeof(wide));
  return wide;
}

LETHE_ELEMENT void narrow(float value, float& narrow) { narrow = value; }

// Rounds to nearest, ties to even; a NaN stays one.
LETHE_ELEMENT void narrow(float value, lethe_bf16& narrow) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof(bits));
  const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  narrow = static_cast<lethe_bf16>(value == value ? rounded : 0x7fc0);
}

}  // namespace
}  // namespace lethe

#endif  // LETHE_BF16_H_
