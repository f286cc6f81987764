// The element types that kernels are tested with.
#ifndef LETHE_TESTS_ELEMENT_H_
#define LETHE_TESTS_ELEMENT_H_

#include <type_traits>

#include "lethe_kernels.h"
#include "reference/bf16.h"

namespace lethe::tests {

template <typename Element>
constexpr bool kIsBf16 = std::is_same_v<Element, lethe_bf16>;

template <typename Element>
constexpr const char* kElementName = kIsBf16<Element> ? "bf16" : "f32";

// The nearest element.
template <typename Element>
Element to_element(double x) {
  if constexpr (kIsBf16<Element>) {
    return reference::to_bf16(static_cast<float>(x));
  } else {
    return static_cast<float>(x);
  }
}

inline float to_float(double x) { return static_cast<float>(x); }
inline float to_float(float x) { return x; }
inline float to_float(lethe_bf16 x) { return reference::from_bf16(x); }

}  // namespace lethe::tests

#endif  // LETHE_TESTS_ELEMENT_H_
