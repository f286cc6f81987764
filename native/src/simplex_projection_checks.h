// The argument checks that the entry points of simplex_projection share, on the CPU and on the GPU.
#ifndef LETHE_SIMPLEX_PROJECTION_CHECKS_H_
#define LETHE_SIMPLEX_PROJECTION_CHECKS_H_

#include <array>

#include "checks.h"
#include "simplex_projection.h"

namespace lethe {

template <typename Element>
int check(const SimplexProjection<Element>& a) {
  if (a.rows < 0 || a.columns < 0) {
    return LETHE_BAD_ARGUMENT;
  }
  if (!fits({a.rows, a.columns})) {
    return LETHE_TOO_LARGE;
  }
  const std::array<int64_t, 4> x_strides = {0, 0, a.x_stride, 1};
  const std::array<int64_t, 4> out_strides = {0, 0, a.out_stride, 1};
  const int status = first_error({check_tensor({1, 1, a.rows, a.columns}, a.x, x_strides.data(), false),
                                  check_tensor({1, 1, a.rows, a.columns}, a.out, out_strides.data(), true)});
  if (status != LETHE_OK) {
    return status;
  }
  return a.x == a.out && a.x_stride != a.out_stride && a.rows > 1 ? LETHE_BAD_ARGUMENT : LETHE_OK;
}

template <typename Element>
bool nothing_to_do(const SimplexProjection<Element>& a) {
  return empty({a.rows, a.columns});
}

}  // namespace lethe

#endif  // LETHE_SIMPLEX_PROJECTION_CHECKS_H_
