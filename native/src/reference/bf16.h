// Conversions between bfloat16 and float: rounding to nearest, ties to even.
#ifndef LETHE_REFERENCE_BF16_H_
#define LETHE_REFERENCE_BF16_H_

#include <cmath>
#include <cstdint>
#include <cstring>

#include "lethe_kernels.h"

namespace lethe::reference {

inline lethe_bf16 to_bf16(float x) {
  if (std::isnan(x)) {
    return 0x7fc0;
  }
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  return static_cast<lethe_bf16>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

inline float from_bf16(lethe_bf16 x) {
  const uint32_t bits = static_cast<uint32_t>(x) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

}  // namespace lethe::reference

#endif  // LETHE_REFERENCE_BF16_H_
