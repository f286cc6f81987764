// Elements of either type in tests: rounding to them, and reading them back.
#ifndef LETHE_TESTS_BF16_MEMORY_H_
#define LETHE_TESTS_BF16_MEMORY_H_

#include <cmath>
#include <cstdint>
#include <cstring>

#include "lethe_kernels.h"

namespace lethe::tests {

inline void encode(double value, float& element) { element = static_cast<float>(value); }

// To nearest, ties to even, by way of float.
inline void encode(double value, lethe_bf16& element) {
  const float rounded = static_cast<float>(value);
  uint32_t bits;
  std::memcpy(&bits, &rounded, sizeof(bits));
  element =
      std::isnan(rounded) ? lethe_bf16{0x7fc0} : static_cast<lethe_bf16>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

inline double decode(float element) { return element; }

inline double decode(lethe_bf16 element) {
  const uint32_t bits = static_cast<uint32_t>(element) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// Half the distance between neighbouring elements, relative to them.
template <typename Element>
constexpr double kUnitRoundoff = sizeof(Element) == sizeof(float) ? 0x1p-24 : 0x1p-8;

}  // namespace lethe::tests

#endif  // LETHE_TESTS_BF16_MEMORY_H_
