// The AVX-512 instructions that native/src uses, written out lane by lane. In place of the compiler's header of this name
// it lets the AVX-512 variants, their 16 lanes, tiles and pairs of bfloat16, be tested on processors that have none.
#ifndef LETHE_TESTS_AVX512_ON_HOST_IMMINTRIN_H_
#define LETHE_TESTS_AVX512_ON_HOST_IMMINTRIN_H_

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef float __m512 __attribute__((vector_size(64), may_alias));
typedef long long __m512i __attribute__((vector_size(64), may_alias));
typedef uint16_t __m512bh __attribute__((vector_size(64), may_alias));
typedef long long __m256i __attribute__((vector_size(32), may_alias));
typedef uint16_t __m256bh __attribute__((vector_size(32), may_alias));
typedef uint16_t __mmask16;
typedef uint32_t __mmask32;

namespace {

// Lanes of other types of the same bytes.
typedef uint16_t Words16 __attribute__((vector_size(32), may_alias));
typedef uint16_t Words32 __attribute__((vector_size(64), may_alias));
typedef uint32_t Bits16 __attribute__((vector_size(64), may_alias));

inline float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof(x));
  return x;
}

// To the nearest bfloat16, ties to even.
inline uint16_t rounded(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof(bits));
  if ((bits & 0x7fffffff) > 0x7f800000) {
    return static_cast<uint16_t>(bits >> 16 | 0x40);
  }
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

inline __m512 _mm512_maskz_loadu_ps(__mmask16 mask, const void* p) {
  uint32_t lanes[16] = {};
  for (int i = 0; i < 16; i++) {
    if ((mask >> i & 1) != 0) {
      memcpy(&lanes[i], static_cast<const char*>(p) + 4 * i, 4);
    }
  }
  __m512 result;
  memcpy(&result, lanes, sizeof(result));
  return result;
}

inline void _mm512_mask_storeu_ps(void* p, __mmask16 mask, __m512 lanes) {
  for (int i = 0; i < 16; i++) {
    if ((mask >> i & 1) != 0) {
      memcpy(static_cast<char*>(p) + 4 * i, reinterpret_cast<const char*>(&lanes) + 4 * i, 4);
    }
  }
}

inline __m512 _mm512_maskz_max_ps(__mmask16, __m512 a, __m512 b) { return a > b ? a : b; }

inline void _mm512_store_si512(void* p, __m512i lanes) { memcpy(p, &lanes, sizeof(lanes)); }

inline __m256i _mm256_maskz_loadu_epi16(__mmask16 mask, const void* p) {
  Words16 lanes = {};
  for (int i = 0; i < 16; i++) {
    if ((mask >> i & 1) != 0) {
      uint16_t lane;
      memcpy(&lane, static_cast<const char*>(p) + 2 * i, 2);
      lanes[i] = lane;
    }
  }
  return reinterpret_cast<__m256i>(lanes);
}

inline void _mm256_mask_storeu_epi16(void* p, __mmask16 mask, __m256i lanes) {
  for (int i = 0; i < 16; i++) {
    if ((mask >> i & 1) != 0) {
      memcpy(static_cast<char*>(p) + 2 * i, reinterpret_cast<const char*>(&lanes) + 2 * i, 2);
    }
  }
}

inline __m512i _mm512_maskz_cvtepu16_epi32(__mmask16, __m256i lanes) {
  return reinterpret_cast<__m512i>(__builtin_convertvector(reinterpret_cast<Words16>(lanes), Bits16));
}

inline __m512i _mm512_maskz_slli_epi32(__mmask16, __m512i lanes, unsigned count) {
  return reinterpret_cast<__m512i>(reinterpret_cast<Bits16>(lanes) << count);
}

inline __m256bh _mm512_cvtneps_pbh(__m512 lanes) {
  __m256bh result = {};
  for (int i = 0; i < 16; i++) {
    result[i] = rounded(lanes[i]);
  }
  return result;
}

// `low` becomes the lower half.
inline __m512bh _mm512_cvtne2ps_pbh(__m512 high, __m512 low) {
  __m512bh result = {};
  for (int i = 0; i < 16; i++) {
    result[i] = rounded(low[i]);
    result[16 + i] = rounded(high[i]);
  }
  return result;
}

inline __m512 _mm512_dpbf16_ps(__m512 sum, __m512bh a, __m512bh b) {
  const Bits16 x = reinterpret_cast<Bits16>(a);
  const Bits16 y = reinterpret_cast<Bits16>(b);
  for (int i = 0; i < 16; i++) {
    const float odd = fmaf(float_of(x[i] & 0xffff0000u), float_of(y[i] & 0xffff0000u), sum[i]);
    sum[i] = fmaf(float_of(x[i] << 16), float_of(y[i] << 16), odd);
  }
  return sum;
}

template <typename... Lanes>
inline __m512i _mm512_set_epi16(Lanes... from_the_last) {
  const uint16_t lanes[] = {static_cast<uint16_t>(from_the_last)...};
  static_assert(sizeof(lanes) == sizeof(__m512i), "32 lanes");
  Words32 result = {};
  for (int i = 0; i < 32; i++) {
    result[i] = lanes[31 - i];
  }
  return reinterpret_cast<__m512i>(result);
}

inline __m512i _mm512_maskz_permutexvar_epi16(__mmask32, __m512i order, __m512i lanes) {
  const Words32 from = reinterpret_cast<Words32>(order);
  const Words32 source = reinterpret_cast<Words32>(lanes);
  Words32 result = {};
  for (int i = 0; i < 32; i++) {
    result[i] = source[from[i] & 31];
  }
  return reinterpret_cast<__m512i>(result);
}

}  // namespace

#endif  // LETHE_TESTS_AVX512_ON_HOST_IMMINTRIN_H_
