// Vectors of floats and what the kernels do with them: exponential, transpose, packing of either element type.
//
// A file that includes this is compiled once per instruction set, with LETHE_ISA naming it. Everything here, and every
// helper in such a file, has internal linkage: a function shared between the variants could end up as its AVX-512 copy
// in the portable one. For the same reason these files instantiate no templates of the standard library.
#ifndef LETHE_SIMD_H_
#define LETHE_SIMD_H_

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#include "bf16.h"

namespace lethe {
namespace LETHE_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

typedef float Vec __attribute__((vector_size(4 * kLanes), may_alias));
typedef uint32_t Bits __attribute__((vector_size(4 * kLanes), may_alias));

inline Vec load(const float* p) { return *reinterpret_cast<const Vec*>(p); }
inline void store(float* p, Vec v) { *reinterpret_cast<Vec*>(p) = v; }

// The first `count` lanes from memory of any alignment, the others 0; and back.
inline Vec load_first(const void* p, int64_t count) {
#ifdef __AVX512F__
  return reinterpret_cast<Vec>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), p));
#else
  Vec v = {};
  memcpy(&v, p, static_cast<size_t>(count) * sizeof(float));
  return v;
#endif
}

inline void store_first(Vec v, int64_t count, void* p) {
#ifdef __AVX512F__
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << count) - 1), reinterpret_cast<__m512>(v));
#else
  memcpy(p, &v, static_cast<size_t>(count) * sizeof(float));
#endif
}

inline Vec broadcast(float x) { return x - Vec{}; }

// The larger of two lanes; b's where one of them is NaN.
inline Vec maximum(Vec a, Vec b) {
#ifdef __AVX512F__
  // The unmasked intrinsic is the same instruction, but GCC 12 warns of a variable inside it.
  return reinterpret_cast<Vec>(
      _mm512_maskz_max_ps(0xffff, reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b)));
#else
  return a > b ? a : b;
#endif
}

// e^x for x up to 88, within 2 units in the last place; 0 below the smallest normal result, NaN for NaN. A minimax
// polynomial of degree 6 on [-ln(2) / 2, ln(2) / 2], whose own error is 3e-9.
inline Vec exp(Vec x) {
  const Vec inside = maximum(broadcast(-88.0f), x);
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low mantissa bits.
  const Vec shifted = inside * 1.44269504f + 12582912.0f;
  const Vec n = shifted - 12582912.0f;
  const Vec r = inside - n * 0.693359375f - n * -2.12194440e-4f;  // x - n * ln 2, in two parts
  Vec p = broadcast(1.381459879e-3f);
  p = p * r + 8.368716575e-3f;
  p = p * r + 4.166838899e-2f;
  p = p * r + 1.666652113e-1f;
  p = p * r + 4.999999404e-1f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const Bits power = (reinterpret_cast<Bits>(shifted) + 127) << 23;  // 2^n, and 0 for n = -127
  return p * reinterpret_cast<Vec>(power);
}

inline int64_t round_up(int64_t n, int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// Transposes a square block of vectors in place: log2(kLanes) rounds exchange halves, quarters, ... of pairs of rows.
template <int kDistance>
inline void exchange(Vec* rows) {
  Bits low, high;
  for (int i = 0; i < kLanes; i++) {
    const bool upper = (i & kDistance) != 0;
    low[i] = static_cast<uint32_t>(upper ? kLanes + i - kDistance : i);
    high[i] = static_cast<uint32_t>(upper ? kLanes + i : i + kDistance);
  }
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i++) {
    if ((i & kDistance) == 0) {
      const Vec a = rows[i];
      const Vec b = rows[i + kDistance];
      rows[i] = __builtin_shuffle(a, b, low);
      rows[i + kDistance] = __builtin_shuffle(a, b, high);
    }
  }
}

inline void transpose(Vec (&rows)[kLanes]) {
  exchange<1>(rows);
  exchange<2>(rows);
#if defined(__AVX2__)
  exchange<4>(rows);
#endif
#if defined(__AVX512F__)
  exchange<8>(rows);
#endif
}

}  // namespace
}  // namespace LETHE_ISA
}  // namespace lethe

#endif  // LETHE_SIMD_H_
