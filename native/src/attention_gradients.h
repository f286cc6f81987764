// What the backward pass of attention does with a tile, [keys, kBlock], between its products: P from S, dS from P and
// dP.
#ifndef LETHE_ATTENTION_GRADIENTS_H_
#define LETHE_ATTENTION_GRADIENTS_H_

#include "attention_tiles.h"

namespace lethe {
namespace LETHE_ISA {
namespace {

constexpr int kBlockVectors = kBlock / kLanes;

// P of a tile from its scores, in place. lse_high + lse_low is the log-sum-exp.
inline void recompute_probabilities(float* scores, int64_t keys, const float* lse_high, const float* lse_low) {
  for (int64_t first = 0; first < kBlock; first += kPanel) {
    Vec high[kTileVectors], low[kTileVectors];
    for (int v = 0; v < kTileVectors; v++) {
      high[v] = load(lse_high + first + v * kLanes);
      low[v] = load(lse_low + first + v * kLanes);
    }
    for (int64_t j = 0; j < keys; j++) {
#pragma GCC unroll 4
      for (int v = 0; v < kTileVectors; v++) {
        float* score = scores + j * kBlock + first + v * kLanes;
        store(score, exp(load(score) - high[v] - low[v]));
      }
    }
  }
}

// The gradient of the squares of a tile: what dP is where nothing else depends on P.
inline void squares_gradient(const float* probabilities, int64_t keys, float d_squares, float* gradient) {
  for (int64_t i = 0; i < keys * kBlock; i += kLanes) {
    store(gradient + i, d_squares * load(probabilities + i));
  }
}

// Adds the gradient of the chosen squares to dP.
inline void add_squares_gradient(const float* probabilities, int64_t keys, const uint8_t* chosen, float d_squares,
                                 float* gradient) {
  for (int64_t j = 0; j < keys; j++) {
    if (chosen[j] != 0) {
      for (int64_t i = j * kBlock; i < (j + 1) * kBlock; i += kLanes) {
        store(gradient + i, load(gradient + i) + d_squares * load(probabilities + i));
      }
    }
  }
}

// Adds a tile's part of the sums over keys of P * dP.
inline void add_expected(const float* probabilities, const float* gradient, int64_t keys, float* expected) {
  for (int v = 0; v < kBlockVectors; v++) {
    Vec total = load(expected + v * kLanes);
    for (int64_t first = 0; first < keys; first += kSumKeys) {
      Vec sum = {};
      for (int64_t j = first; j < smaller(first + kSumKeys, keys); j++) {
        const int64_t i = j * kBlock + v * kLanes;
        sum += load(probabilities + i) * load(gradient + i);
      }
      total += sum;
    }
    store(expected + v * kLanes, total);
  }
}

// The three forms in which the products take P and dS, made from P and dP, [keys, kBlock].
template <typename Unit>
struct Gradients;

template <>
struct Gradients<float> {
  static constexpr int64_t kRowUnits = kBlock;
  static constexpr int64_t kScratchRows = 0;
  const float* p_rows;      // P with units along the queries
  const float* ds_rows;     // dS likewise
  const float* ds_columns;  // dS with units along the keys

  Gradients(const float* p, float* gradient, int64_t keys, const float* expected, float*)
      : p_rows(p), ds_rows(gradient), ds_columns(gradient) {
    for (int64_t j = 0; j < keys; j++) {
#pragma GCC unroll 4
      for (int v = 0; v < kBlockVectors; v++) {
        const int64_t i = j * kBlock + v * kLanes;
        store(gradient + i, load(p + i) * (load(gradient + i) - load(expected + v * kLanes)));
      }
    }
  }
};

#ifdef __AVX512BF16__
template <>
struct Gradients<Pair> {
  static constexpr int64_t kRowUnits = kBlock / 2;
  static constexpr int64_t kScratchRows = kKeys;  // of kBlock pairs
  const Pair* p_rows;
  const Pair* ds_rows;
  const Pair* ds_columns;

  Gradients(const float* p, float* gradient, int64_t keys, const float* expected, float* rows) {
    Pair* p_target = reinterpret_cast<Pair*>(rows);
    Pair* ds_target = p_target + kKeys * kRowUnits;
    Pair* columns = reinterpret_cast<Pair*>(gradient);  // row j / 2 is written when rows j and j + 1 have been read
    for (int64_t j = 0; j < keys; j += 2) {
      Vec ds[2][kBlockVectors] = {};
      for (int64_t key = j; key < smaller(j + 2, keys); key++) {
        Vec probabilities[kBlockVectors];
#pragma GCC unroll 4
        for (int v = 0; v < kBlockVectors; v++) {
          const int64_t i = key * kBlock + v * kLanes;
          probabilities[v] = load(p + i);
          ds[key - j][v] = probabilities[v] * (load(gradient + i) - load(expected + v * kLanes));
        }
        for (int v = 0; v < kBlockVectors; v += 2) {
          store_neighbours(probabilities[v], probabilities[v + 1], p_target + key * kRowUnits + v * kLanes / 2);
          store_neighbours(ds[key - j][v], ds[key - j][v + 1], ds_target + key * kRowUnits + v * kLanes / 2);
        }
      }
      for (int v = 0; v < kBlockVectors; v++) {
        store_pairs(ds[0][v], ds[1][v], columns + j / 2 * kBlock + v * kLanes);
      }
    }
    p_rows = p_target;
    ds_rows = ds_target;
    ds_columns = columns;
  }
};
#endif

}  // namespace
}  // namespace LETHE_ISA
}  // namespace lethe

#endif  // LETHE_ATTENTION_GRADIENTS_H_
