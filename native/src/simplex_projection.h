// The arguments of simplex_projection after they were checked, and one implementation per instruction set.
// The names and shapes are those of lethe_kernels.h.
#ifndef LETHE_SIMPLEX_PROJECTION_H_
#define LETHE_SIMPLEX_PROJECTION_H_

#include <stdint.h>

#include "isa.h"
#include "lethe_kernels.h"

namespace lethe {

template <typename Element>
struct SimplexProjection {
  int64_t rows, columns;
  const Element* x;
  int64_t x_stride;
  Element* out;
  int64_t out_stride;
};

LETHE_DECLARE_VARIANTS(int simplex_projection(const SimplexProjection<float>& a);
                       int simplex_projection(const SimplexProjection<lethe_bf16>& a))

}  // namespace lethe

#endif  // LETHE_SIMPLEX_PROJECTION_H_
