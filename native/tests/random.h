// Reproducible random numbers: the same on every platform, unlike the standard library's distributions.
#ifndef LETHE_TESTS_RANDOM_H_
#define LETHE_TESTS_RANDOM_H_

#include <cstdint>
#include <vector>

#include "element.h"

namespace lethe::tests {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  // Uniform in [0, 1): SplitMix64.
  double uniform() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
  }

  // About normal: mean 0, variance 1.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; i++) {
      sum += uniform();
    }
    return sum;
  }

  // Numbers that Element holds exactly; with outliers, one in fifty is ten times as large.
  template <typename Element = float>
  std::vector<double> tensor(int64_t size, bool outliers) {
    std::vector<double> values(size);
    for (double& value : values) {
      value = to_float(to_element<Element>(normal() * (outliers && uniform() < 0.02 ? 10 : 1)));
    }
    return values;
  }

 private:
  uint64_t state_;
};

}  // namespace lethe::tests

#endif  // LETHE_TESTS_RANDOM_H_
