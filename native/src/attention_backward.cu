// The backward pass of flash_attention and attention_scores on an NVIDIA GPU; the tiles are explained in
// attention_tile_cuda.h. Three kernels: what a row must know of its softmax; dq, a block to 32 queries; dk and dv, a
// block to 32 keys, which meets all queries. Each computes the probabilities again from lse. Every sum has a fixed
// order and no atomic is used, so results are the same in every run.
//
// Memory: 12 bytes per query row; [N, T] is never stored.
#include "attention_cuda.h"
#include "attention_tile_cuda.h"

namespace lethe {
namespace {

// What is known of a query row before dS of any key is found.
struct Row {
  float lse_high, lse_low;  // log-sum-exp is their sum: no float is near enough to a large one
  float expected;           // the sum over t of P dP: where no column is chosen it is <out, d_out>
};

__device__ Row row_of(double lse, float expected) {
  const float high = static_cast<float>(lse);
  return {high, static_cast<float>(lse - high), expected};
}

__device__ float probability(float score, const Row& row) { return expf(score - row.lse_high - row.lse_low); }

// rows: [B * H * N]. A warp for each row, where no column is chosen.
template <typename Element>
__global__ void __launch_bounds__(kThreads) attention_rows_from_out(AttentionBackward<Element> a, Row* rows) {
  const Place place;
  const int64_t warps = static_cast<int64_t>(gridDim.x) * kWarps;
  for (int64_t row = static_cast<int64_t>(blockIdx.x) * kWarps + place.warp; row < a.B * a.H * a.N; row += warps) {
    const int64_t b = row / a.N / a.H;
    const int64_t h = row / a.N % a.H;
    const auto* out = head_of(a.out, b, h, a.N, a.d).row(row % a.N);
    const auto* d_out = head_of(a.d_out, b, h, a.N, a.d).row(row % a.N);
    float sum = 0;
    for (int64_t c = place.lane; c < a.d; c += kLanes) {
      sum = fmaf(widen(out[c]), widen(d_out[c]), sum);
    }
    sum = warp_sum(sum);
    if (place.lane == 0) {
      rows[row] = row_of(a.lse[row], sum);
    }
  }
}

// The same from all keys.
template <typename Element>
__global__ void __launch_bounds__(kThreads)
    attention_rows_from_keys(AttentionBackward<Element> a, Work work, Row* rows) {
  __shared__ Tiles tiles;
  const Place place;
  const float scale = static_cast<float>(a.scale);
  const float d_squares = static_cast<float>(2 * a.d_sum_of_squares);
  for (int64_t block = blockIdx.x; block < work.blocks; block += gridDim.x) {
    const Share share(work, block, a.H);
    const auto q = head_of(a.q, share.b, share.h, a.N, a.d);
    const auto k = head_of(a.k, share.b, share.h, a.T, a.d);
    const auto v = head_of(a.v, share.b, share.h, a.T, a.d);
    const auto d_out = head_of(a.d_out, share.b, share.h, a.N, a.d);
    const int64_t head_row = (share.b * a.H + share.h) * a.N;
    const int64_t first_row = share.first_row + place.warp * kWarpRows;  // of this warp
    Row row[kWarpRows];
    LETHE_UNROLL
    for (int r = 0; r < kWarpRows; r++) {
      row[r] = row_of(first_row + r < a.N ? a.lse[head_row + first_row + r] : 0.0, 0.0f);
    }
    for (int64_t first_key = 0; first_key < a.T; first_key += kTile) {
      float products[kWarpRows], dp[kWarpRows] = {};
      multiply(place, q, share.first_row, k, first_key, tiles, products);
      if (a.with_out) {
        multiply(place, d_out, share.first_row, v, first_key, tiles, dp);
      }
      const int64_t t = first_key + place.lane;
      const bool chosen = a.columns != nullptr && t < a.T && a.columns[share.b * a.T + t] != 0;
      LETHE_UNROLL
      for (int r = 0; r < kWarpRows; r++) {
        const float p = t < a.T ? probability(scale * products[r], row[r]) : 0.0f;
        row[r].expected = fmaf(p, chosen ? fmaf(d_squares, p, dp[r]) : dp[r], row[r].expected);
      }
    }
    LETHE_UNROLL
    for (int r = 0; r < kWarpRows; r++) {
      row[r].expected = warp_sum(row[r].expected);
      if (place.lane == 0 && first_row + r < a.N) {
        rows[head_row + first_row + r] = row[r];
      }
    }
  }
}

struct Gradient {
  float p, ds;
};

// P and dS of a query row and a key that it sees. dp: <d_out, v>
template <typename Element>
__device__ Gradient gradient_of(const AttentionBackward<Element>& a, float product, float dp, const Row& row,
                                bool chosen) {
  const float p = probability(static_cast<float>(a.scale) * product, row);
  if (chosen) {
    dp = fmaf(static_cast<float>(2 * a.d_sum_of_squares), p, dp);
  }
  return {p, p * (dp - row.expected)};
}

template <typename Element, int kVectors>
__global__ void __launch_bounds__(kThreads)
    attention_backward_queries(AttentionBackward<Element> a, Work work, const Row* rows) {
  __shared__ Tiles tiles;
  __shared__ Staged ds_weights;
  const Place place;
  for (int64_t block = blockIdx.x; block < work.blocks; block += gridDim.x) {
    const Share share(work, block, a.H);
    const int64_t first_channel = int64_t{share.turn} * kVectors * kTile;
    const auto q = head_of(a.q, share.b, share.h, a.N, a.d);
    const auto k = head_of(a.k, share.b, share.h, a.T, a.d);
    const auto v = head_of(a.v, share.b, share.h, a.T, a.d);
    const auto d_out = head_of(a.d_out, share.b, share.h, a.N, a.d);
    const int64_t head_row = (share.b * a.H + share.h) * a.N;
    const int64_t first_row = share.first_row + place.warp * kWarpRows;  // of this warp
    const int64_t keys = a.causal && share.first_row + kTile < a.T ? share.first_row + kTile : a.T;
    float sums[kWarpRows][kVectors];
    clear(sums);
    for (int64_t first_key = 0; first_key < keys; first_key += kTile) {
      float products[kWarpRows], dp[kWarpRows] = {};
      multiply(place, q, share.first_row, k, first_key, tiles, products);
      if (a.with_out) {
        multiply(place, d_out, share.first_row, v, first_key, tiles, dp);
      }
      const int64_t t = first_key + place.lane;
      const bool chosen = a.columns != nullptr && t < a.T && a.columns[share.b * a.T + t] != 0;
      LETHE_UNROLL
      for (int r = 0; r < kWarpRows; r++) {
        const int64_t n = first_row + r;
        float ds = 0;
        if (t < a.T && n < a.N && (!a.causal || t <= n)) {
          ds = gradient_of(a, products[r], dp[r], rows[head_row + n], chosen).ds;
        }
        ds_weights.at(place.warp * kWarpRows + r, place.lane) = ds;
      }
      accumulate(place, ds_weights, k, first_key, first_channel, tiles, sums);
    }
    float scales[kWarpRows];
    LETHE_UNROLL
    for (int r = 0; r < kWarpRows; r++) {
      scales[r] = static_cast<float>(a.scale);
    }
    write(place, scales, sums, share.first_row, first_channel, head_of(a.dq, share.b, share.h, a.N, a.d));
  }
}

template <typename Element, int kVectors>
__global__ void __launch_bounds__(kThreads)
    attention_backward_keys(AttentionBackward<Element> a, Work work, const Row* rows) {
  __shared__ Tiles tiles;
  __shared__ Staged p_weights, ds_weights;
  const Place place;
  for (int64_t block = blockIdx.x; block < work.blocks; block += gridDim.x) {
    const Share share(work, block, a.H);
    const int64_t first_channel = int64_t{share.turn} * kVectors * kTile;
    const auto q = head_of(a.q, share.b, share.h, a.N, a.d);
    const auto k = head_of(a.k, share.b, share.h, a.T, a.d);
    const auto v = head_of(a.v, share.b, share.h, a.T, a.d);
    const auto d_out = head_of(a.d_out, share.b, share.h, a.N, a.d);
    const int64_t head_row = (share.b * a.H + share.h) * a.N;
    const int64_t first_key = share.first_row + place.warp * kWarpRows;  // of this warp
    float dk[kWarpRows][kVectors], dv[kWarpRows][kVectors];
    clear(dk);
    clear(dv);
    for (int64_t first_row = a.causal ? share.first_row : 0; first_row < a.N; first_row += kTile) {
      float products[kWarpRows], dp[kWarpRows] = {};
      multiply(place, k, share.first_row, q, first_row, tiles, products);
      if (a.with_out) {
        multiply(place, v, share.first_row, d_out, first_row, tiles, dp);
      }
      const int64_t n = first_row + place.lane;
      const Row row = n < a.N ? rows[head_row + n] : Row{};
      LETHE_UNROLL
      for (int r = 0; r < kWarpRows; r++) {
        const int64_t t = first_key + r;
        Gradient gradient = {0.0f, 0.0f};
        if (t < a.T && n < a.N && (!a.causal || t <= n)) {
          const bool chosen = a.columns != nullptr && a.columns[share.b * a.T + t] != 0;
          gradient = gradient_of(a, products[r], dp[r], row, chosen);
        }
        p_weights.at(place.warp * kWarpRows + r, place.lane) = gradient.p;
        ds_weights.at(place.warp * kWarpRows + r, place.lane) = gradient.ds;
      }
      accumulate(place, ds_weights, q, first_row, first_channel, tiles, dk);
      if (a.with_out) {
        accumulate(place, p_weights, d_out, first_row, first_channel, tiles, dv);
      }
    }
    float scales[kWarpRows], ones[kWarpRows];
    LETHE_UNROLL
    for (int r = 0; r < kWarpRows; r++) {
      scales[r] = static_cast<float>(a.scale);
      ones[r] = 1.0f;
    }
    write(place, scales, dk, share.first_row, first_channel, head_of(a.dk, share.b, share.h, a.T, a.d));
    if (a.with_out) {
      write(place, ones, dv, share.first_row, first_channel, head_of(a.dv, share.b, share.h, a.T, a.d));
    }
  }
}

template <typename Element>
int launch_rows(const AttentionBackward<Element>& a, Row* rows, cudaStream_t stream) {
  if (a.out.data != nullptr && a.columns == nullptr) {
    return launch(attention_rows_from_out<Element>, grid_blocks(a.B * a.H * a.N / kWarps + 1), kThreads, stream, a,
                  rows);
  }
  const Work work(a.B, a.H, a.N, 0, 1);
  return launch(attention_rows_from_keys<Element>, grid_blocks(work.blocks), kThreads, stream, a, work, rows);
}

template <typename Element>
int launch_queries(const AttentionBackward<Element>& a, const Row* rows, cudaStream_t stream) {
  return with_vectors(a.d, [&](auto vectors) {
    const Work work(a.B, a.H, a.N, a.d, vectors);
    return launch(attention_backward_queries<Element, vectors>, grid_blocks(work.blocks), kThreads, stream, a, work,
                  rows);
  });
}

template <typename Element>
int launch_keys(const AttentionBackward<Element>& a, const Row* rows, cudaStream_t stream) {
  return with_vectors(a.d, [&](auto vectors) {
    const Work work(a.B, a.H, a.T, a.d, vectors);
    return launch(attention_backward_keys<Element, vectors>, grid_blocks(work.blocks), kThreads, stream, a, work,
                  rows);
  });
}

template <typename Element>
int backward(const AttentionBackward<Element>& a, cudaStream_t stream) {
  const int64_t count = a.B * a.H * a.N;
  int64_t bytes;
  if (__builtin_mul_overflow(count > 0 ? count : 1, static_cast<int64_t>(sizeof(Row)), &bytes)) {
    return LETHE_TOO_LARGE;
  }
  const DeviceBlock block(bytes, stream);
  if (block.status != LETHE_OK) {
    return block.status;
  }
  Row* rows = static_cast<Row*>(block.data);
  int status = LETHE_OK;
  if (count > 0) {
    status = launch_rows(a, rows, stream);
    status = status != LETHE_OK ? status : launch_queries(a, rows, stream);
  }
  return status != LETHE_OK || a.T == 0 ? status : launch_keys(a, rows, stream);
}

}  // namespace

int attention_backward_cuda(const AttentionBackward<float>& a, cudaStream_t stream) { return backward(a, stream); }

int attention_backward_cuda(const AttentionBackward<lethe_bf16>& a, cudaStream_t stream) { return backward(a, stream); }

}  // namespace lethe
