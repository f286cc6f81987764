// Four-dimensional tensors in test memory of any layout, surrounded by and interspersed with a canary.
#ifndef LETHE_TESTS_STRIDED_H_
#define LETHE_TESTS_STRIDED_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "element.h"

namespace lethe::tests {

enum class Layout {
  kContiguous,  // [B, H, rows, d]
  kProjection,  // heads of [B, rows, H * d]
  kGaps,        // as kProjection, with unused elements after every row, item and batch item
};

// Element: float or lethe_bf16.
template <typename Element = float>
class Strided {
 public:
  Strided(Layout layout, int64_t B, int64_t H, int64_t rows, int64_t d) : sizes_{B, H, rows, d} {
    if (layout == Layout::kContiguous) {
      strides_ = {H * rows * d, rows * d, d, 1};
    } else {
      const int64_t gap = layout == Layout::kGaps ? 3 : 0;
      strides_ = {rows * (H * (d + gap) + gap) + gap, d + gap, H * (d + gap) + gap, 1};
    }
    memory_.assign(B * strides_[0] + H * strides_[1] + rows * strides_[2] + d + 2 * kMargin, kCanary);
  }

  Element* data() { return memory_.data() + kMargin; }
  const int64_t* strides() const { return strides_.data(); }

  // From and to contiguous memory.
  Strided& fill(const std::vector<double>& values) {
    size_t i = 0;
    each([&](int64_t offset) { data()[offset] = to_element<Element>(values[i++]); });
    return *this;
  }

  std::vector<float> values() {
    std::vector<float> values;
    each([&](int64_t offset) { values.push_back(to_float(data()[offset])); });
    return values;
  }

  // Whether everything beside the tensor's own elements is as it was.
  bool canaries_alive() {
    std::vector<Element> memory = memory_;
    each([&](int64_t offset) { memory[kMargin + offset] = kCanary; });
    for (Element value : memory) {
      if (value != kCanary) {
        return false;
      }
    }
    return true;
  }

 private:
  static constexpr Element kCanary = kIsBf16<Element> ? Element{0xc640} : Element(-12345);
  static constexpr int64_t kMargin = 5;  // also takes the data off the alignment of the allocation

  template <typename Action>
  void each(Action action) const {
    for (int64_t b = 0; b < sizes_[0]; b++) {
      for (int64_t h = 0; h < sizes_[1]; h++) {
        for (int64_t n = 0; n < sizes_[2]; n++) {
          for (int64_t c = 0; c < sizes_[3]; c++) {
            action(b * strides_[0] + h * strides_[1] + n * strides_[2] + c);
          }
        }
      }
    }
  }

  std::array<int64_t, 4> sizes_, strides_;
  std::vector<Element> memory_;
};

}  // namespace lethe::tests

#endif  // LETHE_TESTS_STRIDED_H_
