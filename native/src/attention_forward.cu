// The forward pass of flash_attention and attention_scores on an NVIDIA GPU; the tiles are explained in
// attention_tile_cuda.h. A block takes 32 queries through all keys with a running maximum (FlashAttention-2,
// algorithm 1). Every sum has a fixed order and no atomic is used, so results are the same in every run.
//
// Memory: for attention_scores 12 bytes per query row; [N, T] is never stored.
#include "attention_cuda.h"
#include "attention_tile_cuda.h"

namespace lethe {
namespace {

constexpr int kSumThreads = 256;

struct RowSoftmax {
  float largest;  // score
  float inverse;  // of the sum of exp(score - largest)
  float squares;  // of the chosen probabilities
};

// A running sum to twice a float's digits. Beside one key that has nearly all probability, those of all others are what
// the gradients are made of, and they lie in the last digits of a float.
struct LongSum {
  float high = 0, low = 0;

  __device__ void scale(float factor) {
    const float scaled = factor * high;
    low = fmaf(factor, low, fmaf(factor, high, -scaled));
    high = scaled;
  }

  __device__ void add(float x) {  // two-sum (Knuth)
    const float sum = high + x;
    const float added = sum - high;
    low += (high - (sum - added)) + (x - added);
    high = sum;
  }
};

// out, lse, and row_softmax: [B * H * N], or NULL
template <typename Element, int kVectors>
__global__ void __launch_bounds__(kThreads)
    attention_forward_kernel(AttentionForward<Element> a, Work work, RowSoftmax* row_softmax) {
  __shared__ Tiles tiles;
  __shared__ Staged weights;
  const Place place;
  const float scale = static_cast<float>(a.scale);
  for (int64_t block = blockIdx.x; block < work.blocks; block += gridDim.x) {
    const Share share(work, block, a.H);
    const int64_t first_channel = int64_t{share.turn} * kVectors * kTile;
    const auto q = head_of(a.q, share.b, share.h, a.N, a.d);
    const auto k = head_of(a.k, share.b, share.h, a.T, a.d);
    const auto v = head_of(a.v, share.b, share.h, a.T, a.d);
    const int64_t first_row = share.first_row + place.warp * kWarpRows;  // of this warp
    const int64_t keys = a.causal && share.first_row + kTile < a.T ? share.first_row + kTile : a.T;

    // totals and squares: of this lane's keys, relative to `largest` as are the sums
    LongSum totals[kWarpRows];
    float largest[kWarpRows], squares[kWarpRows], sums[kWarpRows][kVectors];
    clear(sums);
    LETHE_UNROLL
    for (int r = 0; r < kWarpRows; r++) {
      largest[r] = -INFINITY;
      squares[r] = 0;
    }
    for (int64_t first_key = 0; first_key < keys; first_key += kTile) {
      float scores[kWarpRows];
      multiply(place, q, share.first_row, k, first_key, tiles, scores);
      const int64_t t = first_key + place.lane;
      const bool chosen = a.columns != nullptr && t < a.T && a.columns[share.b * a.T + t] != 0;
      LETHE_UNROLL
      for (int r = 0; r < kWarpRows; r++) {
        const bool seen = t < a.T && (!a.causal || t <= first_row + r);
        const float score = seen ? scale * scores[r] : -INFINITY;
        const float now_largest = fmaxf(largest[r], warp_max(score));
        const float factor = largest[r] == now_largest ? 1.0f : expf(largest[r] - now_largest);
        const float p = seen ? expf(score - now_largest) : 0.0f;
        largest[r] = now_largest;
        totals[r].scale(factor);
        totals[r].add(p);
        squares[r] = factor * factor * squares[r] + (chosen ? p * p : 0.0f);
        LETHE_UNROLL
        for (int j = 0; j < kVectors; j++) {
          sums[r][j] *= factor;
        }
        weights.at(place.warp * kWarpRows + r, place.lane) = p;
      }
      if (a.with_out) {
        accumulate(place, weights, v, first_key, first_channel, tiles, sums);
      }
    }

    float inverses[kWarpRows];
    LETHE_UNROLL
    for (int r = 0; r < kWarpRows; r++) {
      const double total = warp_sum(double{totals[r].high} + totals[r].low);
      inverses[r] = a.T == 0 ? 0.0f : static_cast<float>(1 / total);
      squares[r] = warp_sum(squares[r]) * inverses[r] * inverses[r];
      if (place.lane == 0 && share.turn == 0 && first_row + r < a.N) {
        const int64_t row = (share.b * a.H + share.h) * a.N + first_row + r;
        if (a.lse != nullptr) {
          a.lse[row] = double{largest[r]} + log(total);
        }
        if (row_softmax != nullptr) {
          row_softmax[row] = {largest[r], inverses[r], squares[r]};
        }
      }
    }
    if (a.with_out) {
      write(place, inverses, sums, share.first_row, first_channel, head_of(a.out, share.b, share.h, a.N, a.d));
    }
  }
}

// One block: sum = the sum of all rows' squares.
__global__ void __launch_bounds__(kSumThreads) sum_squares(const RowSoftmax* rows, int64_t count, double* sum) {
  __shared__ double partial[kSumThreads];
  const int thread = static_cast<int>(threadIdx.x);
  double mine = 0;
  for (int64_t i = thread; i < count; i += kSumThreads) {
    mine += rows[i].squares;
  }
  partial[thread] = mine;
  for (int half = kSumThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (thread < half) {
      partial[thread] += partial[thread + half];
    }
  }
  if (thread == 0) {
    *sum = partial[0];
  }
}

// A thread for each element of maps: the mean over heads of one probability. Its score is summed in the order of
// `multiply`, so that it has the bits that row_softmax was made from: a large one's last bit is much to an exponential.
// map_tokens: device memory
template <typename Element>
__global__ void __launch_bounds__(kThreads)
    attention_maps(AttentionForward<Element> a, const RowSoftmax* row_softmax, const int64_t* map_tokens) {
  const int64_t threads = static_cast<int64_t>(gridDim.x) * kThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < a.B * a.map_count * a.N;
       i += threads) {
    const int64_t n = i % a.N;
    const int64_t b = i / a.N / a.map_count;
    const int64_t t = map_tokens[i / a.N % a.map_count];
    float total = 0;
    for (int64_t h = 0; h < a.H; h++) {
      const auto* q = head_of(a.q, b, h, a.N, a.d).row(n);
      const auto* k = head_of(a.k, b, h, a.T, a.d).row(t);
      float score = 0;
      for (int64_t c = 0; c < a.d; c++) {
        score = fmaf(widen(q[c]), widen(k[c]), score);
      }
      const RowSoftmax row = row_softmax[(b * a.H + h) * a.N + n];
      total += expf(static_cast<float>(a.scale) * score - row.largest) * row.inverse;
    }
    a.maps[i] = total / static_cast<float>(a.H);
  }
}

template <typename Element>
int launch_forward(const AttentionForward<Element>& a, RowSoftmax* row_softmax, cudaStream_t stream) {
  return with_vectors(a.with_out ? a.d : 0, [&](auto vectors) {
    const Work work(a.B, a.H, a.N, a.with_out ? a.d : 0, vectors);
    return launch(attention_forward_kernel<Element, vectors>, grid_blocks(work.blocks), kThreads, stream, a, work,
                  row_softmax);
  });
}

template <typename Element>
int launch_maps(const AttentionForward<Element>& a, const RowSoftmax* row_softmax, cudaStream_t stream) {
  const int64_t bytes = a.map_count * static_cast<int64_t>(sizeof(int64_t));
  const DeviceBlock tokens(bytes, stream);
  if (tokens.status != LETHE_OK) {
    return tokens.status;
  }
  // From pageable memory: it is copied when this returns.
  if (cudaMemcpyAsync(tokens.data, a.map_tokens, static_cast<size_t>(bytes), cudaMemcpyHostToDevice, stream) !=
      cudaSuccess) {
    return LETHE_DEVICE_ERROR;
  }
  const int64_t elements = a.B * a.map_count * a.N;
  return launch(attention_maps<Element>, grid_blocks(elements / kThreads + 1), kThreads, stream, a, row_softmax,
                static_cast<const int64_t*>(tokens.data));
}

template <typename Element>
int forward(const AttentionForward<Element>& a, cudaStream_t stream) {
  if (a.sum_of_squares == nullptr) {
    return launch_forward(a, nullptr, stream);
  }
  const int64_t rows = a.B * a.H * a.N;
  int64_t bytes;
  if (__builtin_mul_overflow(rows, static_cast<int64_t>(sizeof(RowSoftmax)), &bytes)) {
    return LETHE_TOO_LARGE;
  }
  const DeviceBlock block(bytes, stream);
  if (block.status != LETHE_OK) {
    return block.status;
  }
  RowSoftmax* row_softmax = static_cast<RowSoftmax*>(block.data);
  int status = launch_forward(a, row_softmax, stream);
  if (status == LETHE_OK) {
    status = launch(sum_squares, 1, kSumThreads, stream, row_softmax, rows, a.sum_of_squares);
  }
  return status != LETHE_OK || a.map_count == 0 ? status : launch_maps(a, row_softmax, stream);
}

}  // namespace

int attention_forward_cuda(const AttentionForward<float>& a, cudaStream_t stream) { return forward(a, stream); }

int attention_forward_cuda(const AttentionForward<lethe_bf16>& a, cudaStream_t stream) { return forward(a, stream); }

}  // namespace lethe
