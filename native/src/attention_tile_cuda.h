// The tiles that attention on an NVIDIA GPU is made of, for the kernels of attention_forward.cu and
// attention_backward.cu.
//
// A block has 4 warps and takes 32 rows of one head (queries, or in dk and dv's kernel keys), 8 to a warp. It meets the
// rows of the other side 32 at a time, one to a lane. Both sides are staged in shared memory as floats, 32 channels at
// a time, so a block reads an element of a tile from global memory once per product, not once per row; that takes 9 KB
// for any d, and the weights of a product 4.5 KB. Sums are kept in registers: 8 products per thread, and 8 times
// 32 kVectors channels of a result per warp. Results of more than 160 channels are made in turns of 160, each with its
// own products.
//
// Arithmetic is in float, also for bfloat16: tensor cores are not used yet. Products and sums fuse where fmaf says so and
// nowhere else (nvcc runs with -fmad=false): a score of the backward pass must have the bits that the forward pass took
// the row's log-sum-exp of, and a compiler that fused its scaling with the subtraction would give it others.
#ifndef LETHE_ATTENTION_TILE_CUDA_H_
#define LETHE_ATTENTION_TILE_CUDA_H_

#include <type_traits>

#include "attention.h"
#include "bf16.h"
#include "cuda_launch.h"

namespace lethe {
namespace {

constexpr int kLanes = 32;
constexpr int kWarps = 4;  // of a block
constexpr int kThreads = kWarps * kLanes;
constexpr int kTile = 32;  // rows of either side, and channels staged at a time
constexpr int kWarpRows = kTile / kWarps;
constexpr unsigned kAllLanes = 0xffffffff;

template <typename Float>
__device__ Float warp_sum(Float x) {
  for (int distance = kLanes / 2; distance > 0; distance /= 2) {
    x += __shfl_xor_sync(kAllLanes, x, distance);
  }
  return x;
}

__device__ inline float warp_max(float x) {
  for (int distance = kLanes / 2; distance > 0; distance /= 2) {
    x = fmaxf(x, __shfl_xor_sync(kAllLanes, x, distance));
  }
  return x;
}

// The rows of one head: row i, for i < count, has d elements at data + i * stride.
template <typename Element>
struct Head {
  Element* data;
  int64_t stride, count, d;

  __device__ Element* row(int64_t i) const { return data + i * stride; }
};

template <typename Element>
__device__ Head<Element> head_of(const Rows<Element>& rows, int64_t b, int64_t h, int64_t count, int64_t d) {
  return {rows.data + b * rows.stride_b + h * rows.stride_h, rows.stride_n, count, d};
}

// This thread's place: its warp takes rows kWarpRows * warp... of the block's side, its lane a row of the other side.
struct Place {
  int warp, lane;

  __device__ Place()
      : warp(static_cast<int>(threadIdx.x) / kLanes), lane(static_cast<int>(threadIdx.x) % kLanes) {}
};

struct alignas(16) Quad {
  float x[4];
};

// 32 rows of 32 channels. Rows are padded so that lanes reading quads of different rows meet no bank conflict.
struct Staged {
  static constexpr int kStride = kTile + 4;
  alignas(16) float values[kTile * kStride];

  __device__ float& at(int row, int channel) { return values[row * kStride + channel]; }
  __device__ const Quad& quad(int row, int channel) const {
    return *reinterpret_cast<const Quad*>(values + row * kStride + channel);
  }
};

// Copies rows [first, first + kTile) and channels [channel, channel + kTile); zeros where there are none.
template <typename Element>
__device__ void stage(const Place& place, const Head<const Element>& head, int64_t first, int64_t channel,
                      Staged& staged) {
  for (int i = place.warp; i < kTile; i += kWarps) {
    const bool inside = first + i < head.count && channel + place.lane < head.d;
    staged.at(i, place.lane) = inside ? widen(head.row(first + i)[channel + place.lane]) : 0.0f;
  }
}

// The shared memory of a block.
struct Tiles {
  Staged left, right;
};

// products[r] = <row r of this warp, from left_first on; row of this lane, from right_first on>
template <typename Element>
__device__ void multiply(const Place& place, const Head<const Element>& left, int64_t left_first,
                         const Head<const Element>& right, int64_t right_first, Tiles& tiles,
                         float (&products)[kWarpRows]) {
  LETHE_UNROLL
  for (int r = 0; r < kWarpRows; r++) {
    products[r] = 0;
  }
  for (int64_t channel = 0; channel < left.d; channel += kTile) {
    __syncthreads();  // what is staged is still being read
    stage(place, left, left_first, channel, tiles.left);
    stage(place, right, right_first, channel, tiles.right);
    __syncthreads();
    LETHE_UNROLL
    for (int c = 0; c < kTile; c += 4) {
      const Quad y = tiles.right.quad(place.lane, c);
      LETHE_UNROLL
      for (int r = 0; r < kWarpRows; r++) {
        const Quad x = tiles.left.quad(place.warp * kWarpRows + r, c);
        LETHE_UNROLL
        for (int i = 0; i < 4; i++) {
          products[r] = fmaf(x.x[i], y.x[i], products[r]);
        }
      }
    }
  }
}

// sums[r][j] += the sum over l of weights(row r of this warp, l) * (row l, channel first_channel + kTile j + lane)
template <int kVectors, typename Element>
__device__ void accumulate(const Place& place, const Staged& weights, const Head<const Element>& head, int64_t first,
                           int64_t first_channel, Tiles& tiles, float (&sums)[kWarpRows][kVectors]) {
  LETHE_UNROLL
  for (int j = 0; j < kVectors; j++) {
    __syncthreads();  // what is staged is still being read, and the weights are just written
    stage(place, head, first, first_channel + j * kTile, tiles.right);
    __syncthreads();
    float tile_sums[kWarpRows] = {};  // apart, because one running sum over thousands of rows loses a digit
    LETHE_UNROLL
    for (int l = 0; l < kTile; l += 4) {
      float y[4];
      LETHE_UNROLL
      for (int i = 0; i < 4; i++) {
        y[i] = tiles.right.at(l + i, place.lane);
      }
      LETHE_UNROLL
      for (int r = 0; r < kWarpRows; r++) {
        const Quad w = weights.quad(place.warp * kWarpRows + r, l);
        LETHE_UNROLL
        for (int i = 0; i < 4; i++) {
          tile_sums[r] = fmaf(w.x[i], y[i], tile_sums[r]);
        }
      }
    }
    LETHE_UNROLL
    for (int r = 0; r < kWarpRows; r++) {
      sums[r][j] += tile_sums[r];
    }
  }
}

// Writes factors[r] * sums[r] to row r of this warp.
template <int kVectors, typename Element>
__device__ void write(const Place& place, const float (&factors)[kWarpRows], const float (&sums)[kWarpRows][kVectors],
                      int64_t first, int64_t first_channel, const Head<Element>& head) {
  LETHE_UNROLL
  for (int r = 0; r < kWarpRows; r++) {
    const int64_t row = first + place.warp * kWarpRows + r;
    LETHE_UNROLL
    for (int j = 0; j < kVectors; j++) {
      const int64_t channel = first_channel + j * kTile + place.lane;
      if (row < head.count && channel < head.d) {
        narrow(factors[r] * sums[r][j], head.row(row)[channel]);
      }
    }
  }
}

template <int kVectors>
__device__ void clear(float (&sums)[kWarpRows][kVectors]) {
  LETHE_UNROLL
  for (int r = 0; r < kWarpRows; r++) {
    LETHE_UNROLL
    for (int j = 0; j < kVectors; j++) {
      sums[r][j] = 0;
    }
  }
}

// The work of a grid: tiles of `rows` rows of every head, times the turns that d channels take.
struct Work {
  int64_t row_tiles, turns, blocks;

  __host__ __device__ Work(int64_t B, int64_t H, int64_t rows, int64_t d, int vectors) {
    const int64_t channels = int64_t{vectors} * kTile;
    row_tiles = rows / kTile + (rows % kTile != 0);
    turns = d == 0 ? 1 : (d - 1) / channels + 1;
    blocks = B * H * row_tiles * turns;
  }
};

// One block's share of it.
struct Share {
  int64_t b, h, first_row;
  int turn;

  __device__ Share(const Work& work, int64_t index, int64_t H)
      : b(index / work.turns / work.row_tiles / H),
        h(index / work.turns / work.row_tiles % H),
        first_row(index / work.turns % work.row_tiles * kTile),
        turn(static_cast<int>(index % work.turns)) {}
};

inline int64_t grid_blocks(int64_t blocks) {
  constexpr int64_t kMaxBlocks = 1 << 16;  // the grid takes further ones in turns
  return blocks < kMaxBlocks ? blocks : kMaxBlocks;
}

// Calls launch_with(kVectors as a constant): enough for d channels, or the most there is.
template <typename Launch>
int with_vectors(int64_t d, Launch launch_with) {
  if (d <= 2 * kTile) {
    return launch_with(std::integral_constant<int, 2>{});
  }
  return d <= 3 * kTile ? launch_with(std::integral_constant<int, 3>{}) : launch_with(std::integral_constant<int, 5>{});
}

}  // namespace
}  // namespace lethe

#endif  // LETHE_ATTENTION_TILE_CUDA_H_
