// The small matrix product that the attention kernels are made of, and larger ones that are added to what is there.
//
// A product is summed over units: single floats, or, where the processor multiplies bfloat16, pairs of them that lie in
// one 32-bit word. The left operand is read a unit at a time and spread over all lanes; the right one comes in whole,
// aligned vectors. kTileRows x kTileVectors sums and their operands fill the registers: 32 of 16 floats, or 16 of 8 or
// 4.
#ifndef LETHE_PRODUCT_TILE_H_
#define LETHE_PRODUCT_TILE_H_

#include "simd.h"

namespace lethe {
namespace LETHE_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kTileVectors = 4;
#else
constexpr int kTileVectors = 2;
#endif
constexpr int kTileRows = 6;

// Two bfloat16, the one of the even index in the lower half.
typedef uint32_t Pair;

// What products of bfloat16 tensors are made of.
#ifdef __AVX512BF16__
typedef Pair Bf16Unit;
#else
typedef float Bf16Unit;
#endif

inline Vec spread(float x) { return broadcast(x); }
inline Vec spread(Pair x) { return reinterpret_cast<Vec>(x - Bits{}); }

inline Vec load_units(const float* p) { return load(p); }
inline Vec load_units(const Pair* p) { return reinterpret_cast<Vec>(*reinterpret_cast<const Bits*>(p)); }

template <typename Unit>
Vec multiply_add(Vec a, Vec b, Vec sum);

template <>
inline Vec multiply_add<float>(Vec a, Vec b, Vec sum) {
  return a * b + sum;
}

#ifdef __AVX512BF16__
template <>
inline Vec multiply_add<Pair>(Vec a, Vec b, Vec sum) {
  return reinterpret_cast<Vec>(_mm512_dpbf16_ps(reinterpret_cast<__m512>(sum), reinterpret_cast<__m512bh>(a),
                                                reinterpret_cast<__m512bh>(b)));
}

// Pairs of two vectors' lanes, rounded to the nearest, ties to even.
inline void store_pairs(Vec low, Vec high, Pair* target) {
  const __m512i halves = reinterpret_cast<__m512i>(
      _mm512_cvtne2ps_pbh(reinterpret_cast<__m512>(high), reinterpret_cast<__m512>(low)));
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21,
                                         5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  _mm512_store_si512(target, _mm512_maskz_permutexvar_epi16(0xffffffff, order, halves));
}

// The lanes of two vectors, one after the other, as pairs of neighbours.
inline void store_neighbours(Vec first, Vec second, Pair* target) {
  _mm512_store_si512(target, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(reinterpret_cast<__m512>(second),
                                                                           reinterpret_cast<__m512>(first))));
}
#endif

// How the left operand lies in memory.
enum class Left {
  kRows,     // element (row, i) is left[row * stride + i]
  kColumns,  // element (row, i) is left[i * stride + row]
};

// finish(row, vector, sum) gets the sums over `inner` units of kRows rows of the left operand with kVectors vectors of
// the right one, [inner, kVectors * kLanes], rows right_stride units apart.
template <typename Unit, Left kLeft, int kRows, int kVectors, typename Finish>
inline __attribute__((always_inline)) void product_tile(int64_t inner, const Unit* left, int64_t left_stride,
                                                        const Unit* right, int64_t right_stride, Finish finish) {
  Vec sums[kRows][kVectors] = {};
  for (int64_t i = 0; i < inner; i++) {
    Vec columns[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; v++) {
      columns[v] = load_units(right + i * right_stride + v * kLanes);
    }
#pragma GCC unroll 8
    for (int row = 0; row < kRows; row++) {
      const Vec x = spread(kLeft == Left::kRows ? left[row * left_stride + i] : left[i * left_stride + row]);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; v++) {
        sums[row][v] = multiply_add<Unit>(x, columns[v], sums[row][v]);
      }
    }
  }
#pragma GCC unroll 8
  for (int row = 0; row < kRows; row++) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; v++) {
      finish(row, v, sums[row][v]);
    }
  }
}

template <typename Unit, int kRows, int kVectors>
int64_t accumulate_tiles(int64_t first, int64_t rows, int64_t inner, const Unit* left, int64_t left_stride,
                         const Unit* right, int64_t width, float* sums) {
  int64_t r = first;
  for (; r + kRows <= rows; r += kRows) {
    product_tile<Unit, Left::kRows, kRows, kVectors>(
        inner, left + r * left_stride, left_stride, right, width, [&](int64_t i, int64_t v, Vec sum) {
          float* target = sums + (r + i) * width + v * kLanes;
          store(target, load(target) + sum);
        });
  }
  return r;
}

// More vectors than a product tile has leave registers for fewer rows, which 6 n rows are no multiple of.
template <typename Unit, int kVectors>
void accumulate_columns(int64_t rows, int64_t inner, const Unit* left, int64_t left_stride, const Unit* right,
                        int64_t width, float* sums) {
  constexpr int kRows = kVectors > kTileVectors ? kTileRows * kTileVectors / kVectors : kTileRows;
  const int64_t r = accumulate_tiles<Unit, kRows, kVectors>(0, rows, inner, left, left_stride, right, width, sums);
  accumulate_tiles<Unit, 2, kVectors>(r, rows, inner, left, left_stride, right, width, sums);
}

// sums [rows, width] += left [rows, inner] right [inner, width]: rows in whole product tiles, width in whole vectors.
template <typename Unit>
void accumulate(int64_t rows, int64_t inner, const Unit* left, int64_t left_stride, const Unit* right, int64_t width,
                float* sums) {
  constexpr int64_t kMostVectors = kTileVectors < 3 ? 3 : kTileVectors;
  int64_t vectors = width / kLanes;
  for (int64_t groups = (vectors + kMostVectors - 1) / kMostVectors; groups > 0; groups--) {
    const int64_t count = (vectors + groups - 1) / groups;
    const auto columns = count == 1   ? accumulate_columns<Unit, 1>
                         : count == 2 ? accumulate_columns<Unit, 2>
                         : count == 3 ? accumulate_columns<Unit, 3>
                                      : accumulate_columns<Unit, kMostVectors>;
    columns(rows, inner, left, left_stride, right, width, sums);
    vectors -= count;
    right += count * kLanes;
    sums += count * kLanes;
  }
}

}  // namespace
}  // namespace LETHE_ISA
}  // namespace lethe

#endif  // LETHE_PRODUCT_TILE_H_
