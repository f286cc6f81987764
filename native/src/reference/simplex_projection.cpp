#include "reference/simplex_projection.h"

#include <algorithm>
#include <functional>

namespace lethe::reference {

// Held, Wolfe and Crowder 1974: with the elements in falling order, the threshold is that of the longest head whose last
// element lies above the threshold of that head. Adding a number to a row changes nothing, so its largest element is taken
// to 0 first: however large it is, 1 is not lost beside it.
template <typename Real>
std::vector<Real> simplex_projection(int64_t rows, int64_t columns, const std::vector<Real>& x) {
  std::vector<Real> out(x.size());
  for (int64_t row = 0; row < rows; row++) {
    const auto begin = x.begin() + row * columns;
    const Real largest = *std::max_element(begin, begin + columns);
    std::vector<Real> sorted(begin, begin + columns);
    for (Real& value : sorted) {
      value -= largest;
    }
    std::sort(sorted.begin(), sorted.end(), std::greater<Real>());
    Real sum = 0;
    Real threshold = 0;
    for (int64_t i = 0; i < columns; i++) {
      sum += sorted[i];
      const Real head_threshold = (sum - 1) / static_cast<Real>(i + 1);
      if (i > 0 && sorted[i] <= head_threshold) {
        break;
      }
      threshold = head_threshold;
    }
    for (int64_t i = 0; i < columns; i++) {
      out[row * columns + i] = std::max(begin[i] - largest - threshold, Real(0));
    }
  }
  return out;
}

template std::vector<float> simplex_projection(int64_t, int64_t, const std::vector<float>&);
template std::vector<double> simplex_projection(int64_t, int64_t, const std::vector<double>&);

}  // namespace lethe::reference
