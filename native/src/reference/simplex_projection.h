// simplex_projection by sorting; rows contiguous. In double it is what the kernels are compared with; in float it says how
// much of their error is the price of float itself.
#ifndef LETHE_REFERENCE_SIMPLEX_PROJECTION_H_
#define LETHE_REFERENCE_SIMPLEX_PROJECTION_H_

#include <cstdint>
#include <vector>

namespace lethe::reference {

// x: [rows, columns], finite.
template <typename Real>
std::vector<Real> simplex_projection(int64_t rows, int64_t columns, const std::vector<Real>& x);

}  // namespace lethe::reference

#endif  // LETHE_REFERENCE_SIMPLEX_PROJECTION_H_
