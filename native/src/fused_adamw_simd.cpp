// fused_adamw, compiled once per instruction set (LETHE_ISA). What it computes is in lethe_kernels.h.
//
// Passes over memory. One, of 28 bytes an element with float gradients: parameter and moments are read and written, the
// gradient read. Clipping needs the norm first, and reads the gradients once more.
//
// Parts. Tensors are cut into parts of kPart elements, which are what threads take: large tensors keep all threads
// busy, and small ones cost no more than their elements. Squares are summed in double, one sum a part, added in their
// order.
//
// Memory: 8 bytes a tensor and 8 a part.
#include <float.h>
#include <math.h>
#include <stdint.h>

#include "fused_adamw.h"
#include "fused_adamw_element.h"
#include "workspace.h"

namespace lethe {
namespace LETHE_ISA {
namespace {

constexpr int64_t kPart = 1 << 14;

int64_t parts_of(int64_t size) { return size / kPart + (size % kPart != 0); }

// first_part[i] to first_part[i + 1] are the parts of tensor i; those of one without a gradient are none.
template <typename Gradient>
void number_parts(const FusedAdamW<Gradient>& a, int64_t* first_part) {
  first_part[0] = 0;
  for (int64_t i = 0; i < a.tensors; i++) {
    first_part[i + 1] = first_part[i] + (a.gradients[i] == nullptr ? 0 : parts_of(a.sizes[i]));
  }
}

int64_t tensor_of(int64_t part, const int64_t* first_part, int64_t tensors) {
  int64_t low = 0, high = tensors;
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (first_part[middle] <= part ? low : high) = middle;
  }
  return low;
}

// Calls body(part, tensor, begin, end) for every part, elements [begin, end) of a tensor.
template <typename Body>
void for_each_part(const int64_t* sizes, int64_t tensors, const int64_t* first_part, const Body& body) {
  const int64_t parts = first_part[tensors];
#pragma omp parallel for schedule(static) if (parts > 1)
  for (int64_t part = 0; part < parts; part++) {
    const int64_t tensor = tensor_of(part, first_part, tensors);
    const int64_t begin = (part - first_part[tensor]) * kPart;
    body(part, tensor, begin, sizes[tensor] - begin < kPart ? sizes[tensor] : begin + kPart);
  }
}

template <typename Gradient>
double sum_of_squares(const Gradient* g, int64_t begin, int64_t end) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = begin; i < end; i++) {
    const double value = widen(g[i]);
    sum += value * value;
  }
  return sum;
}

template <typename Gradient>
void update(const AdamWConstants& constants, float factor, int64_t begin, int64_t end, const Gradient* __restrict g,
            float* __restrict p, float* __restrict m, float* __restrict v, lethe_bf16* __restrict copy) {
  const AdamWConstants c = constants;  // nothing that is written can alias it
  if (copy == nullptr) {
#pragma omp simd
    for (int64_t i = begin; i < end; i++) {
      adamw(c, factor * widen(g[i]), p[i], m[i], v[i]);
    }
  } else {
#pragma omp simd
    for (int64_t i = begin; i < end; i++) {
      adamw(c, factor * widen(g[i]), p[i], m[i], v[i]);
      narrow(p[i], copy[i]);
    }
  }
}

template <typename Gradient>
int run(const FusedAdamW<Gradient>& a) {
  Layout layout;
  const int64_t first_part_at = layout.add(a.tensors + 1, sizeof(int64_t) / sizeof(float));
  Block numbers(layout.floats);
  if (layout.overflowed || numbers.data == nullptr) {
    return layout.overflowed ? LETHE_TOO_LARGE : LETHE_OUT_OF_MEMORY;
  }
  int64_t* first_part = reinterpret_cast<int64_t*>(numbers.data + first_part_at);
  number_parts(a, first_part);

  double norm = static_cast<double>(NAN);
  float factor = 1;
  if (a.max_norm <= DBL_MAX) {
    const int64_t parts = first_part[a.tensors];
    Layout sums_layout;
    const int64_t sums_at = sums_layout.add(parts, sizeof(double) / sizeof(float));
    Block block(sums_layout.floats);
    if (sums_layout.overflowed || block.data == nullptr) {
      return sums_layout.overflowed ? LETHE_TOO_LARGE : LETHE_OUT_OF_MEMORY;
    }
    double* sums = reinterpret_cast<double*>(block.data + sums_at);
    for_each_part(a.sizes, a.tensors, first_part, [&](int64_t part, int64_t tensor, int64_t begin, int64_t end) {
      sums[part] = sum_of_squares(a.gradients[tensor], begin, end);
    });
    double sum = 0;
    for (int64_t part = 0; part < parts; part++) {
      sum += sums[part];
    }
    norm = sqrt(sum);
    factor = clipping(a.max_norm, norm);
  }
  const AdamWConstants c = constants(a);
  for_each_part(a.sizes, a.tensors, first_part, [&](int64_t, int64_t tensor, int64_t begin, int64_t end) {
    update(c, factor, begin, end, a.gradients[tensor], a.parameters[tensor], a.exp_avg[tensor], a.exp_avg_sq[tensor],
           a.copies == nullptr ? nullptr : a.copies[tensor]);
  });
  if (a.norm != nullptr) {
    *a.norm = norm;
  }
  return LETHE_OK;
}

}  // namespace

int fused_adamw(const FusedAdamW<float>& a) { return run(a); }

int fused_adamw(const FusedAdamW<lethe_bf16>& a) { return run(a); }

}  // namespace LETHE_ISA
}  // namespace lethe
