// simplex_projection on the CPU: checks the arguments and hands them to the best variant of
// simplex_projection_simd.cpp.
#include "simplex_projection.h"

#include "simplex_projection_checks.h"

namespace lethe {
namespace {

template <typename Element>
int project(const SimplexProjection<Element>& a) {
  const int status = check(a);
  if (status != LETHE_OK || nothing_to_do(a)) {
    return status;
  }
  LETHE_DISPATCH(simplex_projection, a);
}

}  // namespace
}  // namespace lethe

extern "C" int lethe_simplex_projection_f32(int64_t rows, int64_t columns, const float* x, int64_t x_stride,  //
                                            float* out, int64_t out_stride) {
  return lethe::project<float>({rows, columns, x, x_stride, out, out_stride});
}

extern "C" int lethe_simplex_projection_bf16(int64_t rows, int64_t columns, const lethe_bf16* x, int64_t x_stride,  //
                                             lethe_bf16* out, int64_t out_stride) {
  return lethe::project<lethe_bf16>({rows, columns, x, x_stride, out, out_stride});
}
