// Vectors of floats, their exponential, and the small matrix product that the kernels are made of.
//
// A file that includes this is compiled once per instruction set, with LETHE_ISA naming it. Everything here, and every
// helper in such a file, has internal linkage: a function shared between the variants could end up as its AVX-512 copy
// in the portable one. For the same reason these files instantiate no templates of the standard library.
#ifndef LETHE_SIMD_H_
#define LETHE_SIMD_H_

#include <math.h>
#include <stdint.h>
#include <string.h>

namespace lethe {
namespace LETHE_ISA {
namespace {

// kTileRows x kTileVectors accumulators and a few operands fill the registers: 32 of 16 floats, or 16 of 8 or 4.
#if defined(__AVX512F__)
constexpr int kLanes = 16;
constexpr int kTileRows = 8;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
constexpr int kTileRows = 4;
#else
constexpr int kLanes = 4;
constexpr int kTileRows = 4;
#endif
constexpr int kTileVectors = 3;

typedef float Vec __attribute__((vector_size(4 * kLanes), may_alias));
typedef uint32_t Bits __attribute__((vector_size(4 * kLanes), may_alias));

inline Vec load(const float* p) { return *reinterpret_cast<const Vec*>(p); }
inline void store(float* p, Vec v) { *reinterpret_cast<Vec*>(p) = v; }
inline Vec broadcast(float x) { return x - Vec{}; }

inline float sum(Vec v) {
  float total = 0;
  for (int i = 0; i < kLanes; i++) {
    total += v[i];
  }
  return total;
}

// NaN lanes are passed over.
inline float max(Vec v) {
  float largest = -INFINITY;
  for (int i = 0; i < kLanes; i++) {
    largest = v[i] > largest ? v[i] : largest;
  }
  return largest;
}

// e^x within 2 units in the last place; 0 below the smallest normal result, NaN for NaN. Cephes's polynomial.
inline Vec exp(Vec x) {
  const Vec lowest = broadcast(-87.33654f);
  const Vec highest = broadcast(89.0f);
  const Vec inside = x < lowest ? lowest : (x > highest ? highest : x);
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low mantissa bits.
  const Vec shifted = inside * 1.44269504f + 12582912.0f;
  const Vec n = shifted - 12582912.0f;
  const Vec r = inside - n * 0.693359375f - n * -2.12194440e-4f;  // x - n * ln 2, in two parts
  Vec p = broadcast(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const Bits power = (reinterpret_cast<Bits>(shifted) + 127) << 23;  // 2^n
  return x < lowest ? Vec{} : p * reinterpret_cast<Vec>(power);
}

inline int64_t round_up(int64_t n, int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// An operand read one element at a time: element (i, j) is data[i * row_stride + j * column_stride].
struct Left {
  const float* data;
  int64_t row_stride, column_stride;
};

// One block of `multiply` whose accumulators stay in registers.
template <int kVectors, bool kAccumulate>
inline void multiply_block(int64_t inner, Left a, const float* b, int64_t b_stride, float factor, float* c,
                           int64_t c_stride) {
  Vec sums[kTileRows][kVectors] = {};
  for (int64_t j = 0; j < inner; j++) {
    Vec right[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; v++) {
      right[v] = load(b + j * b_stride + v * kLanes);
    }
    const float* left = a.data + j * a.column_stride;
#pragma GCC unroll 8
    for (int i = 0; i < kTileRows; i++) {
      const float x = left[i * a.row_stride];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; v++) {
        sums[i][v] += x * right[v];
      }
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < kTileRows; i++) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; v++) {
      float* target = c + i * c_stride + v * kLanes;
      store(target, kAccumulate ? load(target) + factor * sums[i][v] : factor * sums[i][v]);
    }
  }
}

// c = factor * a b, or c += factor * a b: c is [rows, columns], a [rows, inner], b [inner, columns]. rows must be a
// multiple of kTileRows, columns of kLanes, and rows of b and c aligned to a vector. Each element is one sum in the
// order of `inner`, whatever block it falls in.
template <bool kAccumulate>
inline void multiply(int64_t rows, int64_t columns, int64_t inner, Left a, const float* b, int64_t b_stride,
                     float factor, float* c, int64_t c_stride) {
  int64_t column = 0;
  while (column < columns) {
    const int64_t vectors = smaller((columns - column) / kLanes, kTileVectors);
    for (int64_t row = 0; row < rows; row += kTileRows) {
      const Left a_block = {a.data + row * a.row_stride, a.row_stride, a.column_stride};
      const float* b_block = b + column;
      float* c_block = c + row * c_stride + column;
      if (vectors == 3) {
        multiply_block<3, kAccumulate>(inner, a_block, b_block, b_stride, factor, c_block, c_stride);
      } else if (vectors == 2) {
        multiply_block<2, kAccumulate>(inner, a_block, b_block, b_stride, factor, c_block, c_stride);
      } else {
        multiply_block<1, kAccumulate>(inner, a_block, b_block, b_stride, factor, c_block, c_stride);
      }
    }
    column += vectors * kLanes;
  }
}

// Copies `rows` rows of `width` floats, `stride` apart, to rows padded with zeros to `padded_width`.
inline void pack(const float* source, int64_t stride, int64_t rows, int64_t width, float* target,
                 int64_t padded_width) {
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < width; j++) {
      target[i * padded_width + j] = source[i * stride + j];
    }
    for (int64_t j = width; j < padded_width; j++) {
      target[i * padded_width + j] = 0;
    }
  }
}

// The transpose of `rows` rows of `width` floats: width rows of `rows` floats, padded with zeros to `padded_rows`.
inline void pack_transposed(const float* source, int64_t stride, int64_t rows, int64_t width, float* target,
                            int64_t padded_rows) {
  for (int64_t j = 0; j < width; j++) {
    for (int64_t i = 0; i < rows; i++) {
      target[j * padded_rows + i] = source[i * stride + j];
    }
    for (int64_t i = rows; i < padded_rows; i++) {
      target[j * padded_rows + i] = 0;
    }
  }
}

}  // namespace
}  // namespace LETHE_ISA
}  // namespace lethe

#endif  // LETHE_SIMD_H_
