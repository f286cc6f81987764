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

// The first `count` lanes from memory of any alignment, the others 0; and back. Without masks, whole vectors, which
// most are, must not take the way through a memcpy of a length that the compiler does not know.
inline Vec load_first(const void* p, int64_t count) {
  Vec v;
#ifdef __AVX512F__
  v = reinterpret_cast<Vec>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), p));
#else
  if (count == kLanes) {
    memcpy(&v, p, sizeof(Vec));
  } else {
    v = Vec{};
    memcpy(&v, p, static_cast<size_t>(count) * sizeof(float));
  }
#endif
  return v;
}

inline void store_first(Vec v, int64_t count, void* p) {
#ifdef __AVX512F__
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << count) - 1), reinterpret_cast<__m512>(v));
#else
  if (count == kLanes) {
    memcpy(p, &v, sizeof(Vec));
  } else {
    memcpy(p, &v, static_cast<size_t>(count) * sizeof(float));
  }
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

// Of every four lanes of two vectors, kFirst and the next of each: a0 b0 a1 b1, and as pairs: a0 a1 b0 b1.
template <int kFirst>
inline Vec interleave(Vec a, Vec b) {
  Bits order;
  for (int i = 0; i < kLanes; i++) {
    order[i] = static_cast<uint32_t>(i / 4 * 4 + kFirst + i % 4 / 2 + (i % 2 != 0 ? kLanes : 0));
  }
  return __builtin_shuffle(a, b, order);
}

template <int kFirst>
inline Vec interleave_pairs(Vec a, Vec b) {
  Bits order;
  for (int i = 0; i < kLanes; i++) {
    order[i] = static_cast<uint32_t>(i / 4 * 4 + kFirst + i % 2 + (i % 4 >= 2 ? kLanes : 0));
  }
  return __builtin_shuffle(a, b, order);
}

// Exchanges the upper kDistance lanes of every 2 kDistance with the lower ones of the row kDistance further.
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

// Transposes a square block of vectors in place: squares of four lanes by instructions that stay within them, then
// these squares among each other.
inline __attribute__((always_inline)) void transpose(Vec (&rows)[kLanes]) {
#pragma GCC unroll 4
  for (int i = 0; i < kLanes; i += 4) {
    const Vec first = interleave<0>(rows[i], rows[i + 1]);
    const Vec second = interleave<2>(rows[i], rows[i + 1]);
    const Vec third = interleave<0>(rows[i + 2], rows[i + 3]);
    const Vec fourth = interleave<2>(rows[i + 2], rows[i + 3]);
    rows[i] = interleave_pairs<0>(first, third);
    rows[i + 1] = interleave_pairs<2>(first, third);
    rows[i + 2] = interleave_pairs<0>(second, fourth);
    rows[i + 3] = interleave_pairs<2>(second, fourth);
  }
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
