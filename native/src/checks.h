// What every entry point asks of its tensor arguments before it touches memory.
#ifndef LETHE_CHECKS_H_
#define LETHE_CHECKS_H_

#include <stdint.h>

#include <algorithm>
#include <array>
#include <initializer_list>

#include "lethe_kernels.h"

namespace lethe {

inline bool empty(std::initializer_list<int64_t> sizes) {
  return std::find(sizes.begin(), sizes.end(), 0) != sizes.end();
}

inline int first_error(std::initializer_list<int> statuses) {
  for (int status : statuses) {
    if (status != LETHE_OK) {
      return status;
    }
  }
  return LETHE_OK;
}

// Whether the product of non-negative factors, in elements of up to 8 bytes, has a byte count that fits int64_t.
// A factor of 0 makes it fit, however large the others are.
inline bool fits(std::initializer_list<int64_t> factors) {
  if (empty(factors)) {
    return true;
  }
  int64_t bytes = sizeof(double);
  for (int64_t factor : factors) {
    if (__builtin_mul_overflow(bytes, factor, &bytes)) {
      return false;
    }
  }
  return true;
}

// A [sizes] tensor at `data` with `strides` in elements. `written`: no two indices may share an element.
inline int check_tensor(const std::array<int64_t, 4>& sizes, const void* data, const int64_t* strides, bool written) {
  if (empty({sizes[0], sizes[1], sizes[2], sizes[3]})) {
    return LETHE_OK;
  }
  if (data == nullptr || strides == nullptr) {
    return LETHE_BAD_ARGUMENT;
  }
  if (sizes[3] > 1 && strides[3] != 1) {
    return LETHE_UNSUPPORTED;
  }
  struct Dimension {
    int64_t stride, size;
  };
  std::array<Dimension, 4> dimensions;
  for (int i = 0; i < 4; i++) {
    dimensions[i] = {sizes[i] == 1 ? 0 : strides[i], sizes[i]};
    if (dimensions[i].stride < 0) {
      return LETHE_UNSUPPORTED;
    }
  }
  std::sort(dimensions.begin(), dimensions.end(),
            [](const Dimension& a, const Dimension& b) { return a.stride < b.stride; });
  int64_t extent = 1;  // elements from the first to the last, over the dimensions so far
  for (const Dimension& dimension : dimensions) {
    if (dimension.size == 1) {
      continue;
    }
    if (written && dimension.stride < extent) {
      return LETHE_BAD_ARGUMENT;
    }
    int64_t reach;
    if (__builtin_mul_overflow(dimension.stride, dimension.size - 1, &reach) ||
        __builtin_add_overflow(extent, reach, &extent)) {
      return LETHE_TOO_LARGE;
    }
  }
  return fits({extent}) ? LETHE_OK : LETHE_TOO_LARGE;
}

}  // namespace lethe

#endif  // LETHE_CHECKS_H_
