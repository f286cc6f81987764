// The squared probabilities of chosen columns, from scores that are summed in double precision.
#ifndef LETHE_ATTENTION_SQUARES_H_
#define LETHE_ATTENTION_SQUARES_H_

#include "attention_tiles.h"

namespace lethe {
namespace LETHE_ISA {
namespace {

constexpr int kExactKeys = 4;  // whose exact scores are summed side by side

// Sums over the chosen keys that a block of queries has met so far, [kBlock] each, relative to the largest score as
// all sums of a softmax are.
struct ChosenSums {
  float* squares;  // of exact probabilities
  float* lacking;  // exact probabilities less those that the softmax's total is made of
};

// Half a vector of floats, widened.
constexpr int kHalfLanes = kLanes / 2;
typedef float HalfVec __attribute__((vector_size(4 * kHalfLanes), may_alias));
typedef double Doubles __attribute__((vector_size(8 * kHalfLanes), may_alias));

inline Doubles widen_half(Vec lanes, int half) {
  HalfVec floats;
  memcpy(&floats, reinterpret_cast<const char*>(&lanes) + half * sizeof(HalfVec), sizeof(HalfVec));
  return __builtin_convertvector(floats, Doubles);
}

inline void narrow_half(Doubles doubles, int half, Vec& lanes) {
  const HalfVec floats = __builtin_convertvector(doubles, HalfVec);
  memcpy(reinterpret_cast<char*>(&lanes) + half * sizeof(HalfVec), &floats, sizeof(HalfVec));
}

// One channel of the queries in units.
inline Vec channel(const float* q, int64_t c) { return load(q + c * kPanel); }

inline Vec channel(const Pair* q, int64_t c) {
  const Bits pairs = *reinterpret_cast<const Bits*>(q + c / 2 * kPanel);
  return reinterpret_cast<Vec>(c % 2 == 0 ? pairs << 16 : pairs & 0xffff0000u);
}

// Exact scores of the first kCount of kExactKeys keys, [d, kExactKeys], for the queries of one vector, less `largest`.
template <int kCount, typename Unit>
void exact_scores(const double* keys, int64_t d, const Unit* q, double scale, Vec largest, Vec* scores) {
  Doubles sums[kCount][2] = {};
  for (int64_t c = 0; c < d; c++) {
    const Vec lanes = channel(q, c);
    const Doubles halves[2] = {widen_half(lanes, 0), widen_half(lanes, 1)};
#pragma GCC unroll 4
    for (int key = 0; key < kCount; key++) {
      sums[key][0] += keys[c * kExactKeys + key] * halves[0];
      sums[key][1] += keys[c * kExactKeys + key] * halves[1];
    }
  }
  for (int key = 0; key < kCount; key++) {
    for (int half = 0; half < 2; half++) {
      narrow_half(scale * sums[key][half] - widen_half(largest, half), half, scores[key]);
    }
  }
}

// Adds what `queries` queries of a block, transposed in units, see of the chosen among `count` keys. probabilities:
// [count, kBlock], of the softmax, relative to `largest`. exact_keys: [d, kExactKeys] to work in.
template <typename Element, typename Unit>
void add_squares(const uint8_t* chosen, int64_t count, int64_t d, const Element* keys, int64_t stride, const Unit* q,
                 int64_t queries, double scale, const float* probabilities, const float* largest, double* exact_keys,
                 const ChosenSums& sums) {
  int64_t next = 0;
  while (true) {
    int64_t group[kExactKeys];
    int size = 0;
    for (; next < count && size < kExactKeys; next++) {
      if (chosen[next] != 0) {
        group[size++] = next;
      }
    }
    if (size == 0) {
      return;
    }
    for (int key = 0; key < size; key++) {
      for (int64_t c = 0; c < d; c++) {
        exact_keys[c * kExactKeys + key] = widen(keys[group[key] * stride + c]);
      }
    }
    const auto score = size == 1   ? exact_scores<1, Unit>
                       : size == 2 ? exact_scores<2, Unit>
                       : size == 3 ? exact_scores<3, Unit>
                                   : exact_scores<kExactKeys, Unit>;
    for (int64_t i = 0; i < queries; i += kLanes) {
      Vec scores[kExactKeys];
      score(exact_keys, d, q + lanes_of(i, units<Unit>(d)), scale, load(largest + i), scores);
      for (int key = 0; key < size; key++) {
        const Vec p = exp(scores[key]);
        store(sums.squares + i, load(sums.squares + i) + p * p);
        store(sums.lacking + i, load(sums.lacking + i) + (p - load(probabilities + group[key] * kBlock + i)));
      }
    }
  }
}

}  // namespace
}  // namespace LETHE_ISA
}  // namespace lethe

#endif  // LETHE_ATTENTION_SQUARES_H_
