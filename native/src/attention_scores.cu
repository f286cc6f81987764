// attention_scores on an NVIDIA GPU: simple and correct, not yet fast.
//
// Tiling. A warp computes one row of the output at a time, its lanes taking every 32nd token; scores are computed again
// in every pass (maximum, sum, result) instead of being stored. The backward pass takes two kernels: a warp per query
// row for dq, and a warp per token for dk and dv, which goes through all rows. Every sum has a fixed order and no
// atomic is used, so results are the same in every run.
//
// Memory: one or two floats for each query row, B H N in all; [N, T] is never stored. Shared memory: 256 bytes a warp.
#include "attention_scores.h"
#include "attention_scores_checks.h"
#include "cuda_launch.h"

namespace lethe {
namespace {

constexpr int kLanes = 32;
constexpr int kWarps = 4;  // of a block
constexpr int kThreads = kWarps * kLanes;
constexpr int kSumThreads = 256;
constexpr int64_t kMaxBlocks = 1 << 16;
constexpr unsigned kAllLanes = 0xffffffff;

__device__ float warp_sum(float x) {
  for (int distance = kLanes / 2; distance > 0; distance /= 2) {
    x += __shfl_xor_sync(kAllLanes, x, distance);
  }
  return x;
}

__device__ float warp_max(float x) {
  for (int distance = kLanes / 2; distance > 0; distance /= 2) {
    x = fmaxf(x, __shfl_xor_sync(kAllLanes, x, distance));
  }
  return x;
}

template <typename Float>
__device__ Float* row_at(const Rows<Float>& rows, int64_t b, int64_t h, int64_t n) {
  return rows.data + b * rows.stride_b + h * rows.stride_h + n * rows.stride_n;
}

__device__ float dot(const float* a, const float* b, int64_t d) {
  float sum = 0;
  for (int64_t c = 0; c < d; c++) {
    sum += a[c] * b[c];
  }
  return sum;
}

// This warp among all warps of the grid, and its lane: warps take rows in turn.
struct Warp {
  int lane, in_block;
  int64_t index, count;

  __device__ Warp()
      : lane(static_cast<int>(threadIdx.x) % kLanes),
        in_block(static_cast<int>(threadIdx.x) / kLanes),
        index(static_cast<int64_t>(blockIdx.x) * kWarps + in_block),
        count(static_cast<int64_t>(gridDim.x) * kWarps) {}
};

// row += factor * (weights of 32 or fewer other rows) . (those rows): a step of a product with a matrix of width d.
__device__ void add_rows(float factor, const float* weights, int count, const float* others, int64_t stride, int64_t d,
                         int lane, float* row) {
  for (int64_t c = lane; c < d; c += kLanes) {
    float sum = 0;
    for (int j = 0; j < count; j++) {
      sum += weights[j] * others[j * stride + c];
    }
    row[c] += factor * sum;
  }
}

__device__ void clear_row(float* row, int64_t d, int lane) {
  for (int64_t c = lane; c < d; c += kLanes) {
    row[c] = 0;
  }
}

__device__ int at_most_a_warp(int64_t count) { return count < kLanes ? static_cast<int>(count) : kLanes; }

// row_squares: [B * H * N]
__global__ void forward_rows(AttentionScoresForward a, float* row_squares) {
  __shared__ float shared_weights[kWarps][kLanes];
  const Warp warp;
  float* weights = shared_weights[warp.in_block];
  const float scale = static_cast<float>(a.scale);
  for (int64_t row = warp.index; row < a.B * a.H * a.N; row += warp.count) {
    const int64_t b = row / a.N / a.H;
    const int64_t h = row / a.N % a.H;
    const int64_t n = row % a.N;
    const float* q = row_at(a.q, b, h, n);

    float largest = -INFINITY;
    for (int64_t t = warp.lane; t < a.T; t += kLanes) {
      largest = fmaxf(largest, scale * dot(q, row_at(a.k, b, h, t), a.d));
    }
    largest = warp_max(largest);
    float total = 0;
    for (int64_t t = warp.lane; t < a.T; t += kLanes) {
      total += expf(scale * dot(q, row_at(a.k, b, h, t), a.d) - largest);
    }
    total = warp_sum(total);
    const float inverse = 1.0f / total;

    if (a.with_out) {
      clear_row(row_at(a.out, b, h, n), a.d, warp.lane);
    }
    float squares = 0;
    for (int64_t first = 0; first < a.T; first += kLanes) {
      const int64_t t = first + warp.lane;
      float p = 0;
      if (t < a.T) {
        p = expf(scale * dot(q, row_at(a.k, b, h, t), a.d) - largest) * inverse;
        if (a.columns != nullptr && a.columns[b * a.T + t] != 0) {
          squares += p * p;
        }
      }
      if (a.with_out) {
        weights[warp.lane] = p;
        __syncwarp();
        add_rows(1.0f, weights, at_most_a_warp(a.T - first), row_at(a.v, b, h, first), a.v.stride_n, a.d, warp.lane,
                 row_at(a.out, b, h, n));
        __syncwarp();
      }
    }
    squares = warp_sum(squares);
    if (warp.lane == 0) {
      row_squares[row] = squares;
      a.lse[row] = largest + logf(total);
    }
  }
}

// One block: sum = the sum of all values.
__global__ void sum_values(const float* values, int64_t count, double* sum) {
  __shared__ double partial[kSumThreads];
  const int thread = static_cast<int>(threadIdx.x);
  double mine = 0;
  for (int64_t i = thread; i < count; i += kSumThreads) {
    mine += values[i];
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

// What the backward pass must know of a query row, beside its log-sum-exp, to find dS of any token.
struct RowSums {
  float inverse;   // of the sum of exp(score - lse): 1, but for the rounding of lse
  float expected;  // sum over t of P dP
};

struct TokenGradient {
  float p, dp;
};

__device__ TokenGradient gradient_at(const AttentionScoresBackward& a, int64_t b, int64_t h, int64_t n, int64_t t,
                                     float inverse) {
  const float score = static_cast<float>(a.scale) * dot(row_at(a.q, b, h, n), row_at(a.k, b, h, t), a.d);
  const float p = expf(score - a.lse[(b * a.H + h) * a.N + n]) * inverse;
  float dp = a.with_out ? dot(row_at(a.d_out, b, h, n), row_at(a.v, b, h, t), a.d) : 0;
  if (a.columns != nullptr && a.columns[b * a.T + t] != 0) {
    dp += static_cast<float>(2 * a.d_sum_of_squares) * p;
  }
  return {p, dp};
}

// dq, and row_sums: [B * H * N]
__global__ void backward_rows(AttentionScoresBackward a, RowSums* row_sums) {
  __shared__ float shared_weights[kWarps][kLanes];
  const Warp warp;
  float* weights = shared_weights[warp.in_block];
  for (int64_t row = warp.index; row < a.B * a.H * a.N; row += warp.count) {
    const int64_t b = row / a.N / a.H;
    const int64_t h = row / a.N % a.H;
    const int64_t n = row % a.N;

    float total = 0;
    for (int64_t t = warp.lane; t < a.T; t += kLanes) {
      total += gradient_at(a, b, h, n, t, 1.0f).p;
    }
    const float inverse = 1.0f / warp_sum(total);
    float expected = 0;
    for (int64_t t = warp.lane; t < a.T; t += kLanes) {
      const TokenGradient token = gradient_at(a, b, h, n, t, inverse);
      expected += token.p * token.dp;
    }
    expected = warp_sum(expected);
    if (warp.lane == 0) {
      row_sums[row] = {inverse, expected};
    }

    clear_row(row_at(a.dq, b, h, n), a.d, warp.lane);
    for (int64_t first = 0; first < a.T; first += kLanes) {
      const int64_t t = first + warp.lane;
      float ds = 0;
      if (t < a.T) {
        const TokenGradient token = gradient_at(a, b, h, n, t, inverse);
        ds = token.p * (token.dp - expected);
      }
      weights[warp.lane] = ds;
      __syncwarp();
      add_rows(static_cast<float>(a.scale), weights, at_most_a_warp(a.T - first), row_at(a.k, b, h, first),
               a.k.stride_n, a.d, warp.lane, row_at(a.dq, b, h, n));
      __syncwarp();
    }
  }
}

// dk and dv, after backward_rows
__global__ void backward_tokens(AttentionScoresBackward a, const RowSums* row_sums) {
  __shared__ float shared_ds[kWarps][kLanes];
  __shared__ float shared_p[kWarps][kLanes];
  const Warp warp;
  float* ds_weights = shared_ds[warp.in_block];
  float* p_weights = shared_p[warp.in_block];
  for (int64_t token = warp.index; token < a.B * a.H * a.T; token += warp.count) {
    const int64_t b = token / a.T / a.H;
    const int64_t h = token / a.T % a.H;
    const int64_t t = token % a.T;
    clear_row(row_at(a.dk, b, h, t), a.d, warp.lane);
    if (a.with_out) {
      clear_row(row_at(a.dv, b, h, t), a.d, warp.lane);
    }
    for (int64_t first = 0; first < a.N; first += kLanes) {
      const int64_t n = first + warp.lane;
      float p = 0;
      float ds = 0;
      if (n < a.N) {
        const RowSums sums = row_sums[(b * a.H + h) * a.N + n];
        const TokenGradient gradient = gradient_at(a, b, h, n, t, sums.inverse);
        p = gradient.p;
        ds = p * (gradient.dp - sums.expected);
      }
      ds_weights[warp.lane] = ds;
      p_weights[warp.lane] = p;
      __syncwarp();
      const int count = at_most_a_warp(a.N - first);
      add_rows(static_cast<float>(a.scale), ds_weights, count, row_at(a.q, b, h, first), a.q.stride_n, a.d, warp.lane,
               row_at(a.dk, b, h, t));
      if (a.with_out) {
        add_rows(1.0f, p_weights, count, row_at(a.d_out, b, h, first), a.d_out.stride_n, a.d, warp.lane,
                 row_at(a.dv, b, h, t));
      }
      __syncwarp();
    }
  }
}

int64_t blocks_for(int64_t warps) {
  const int64_t blocks = warps / kWarps + (warps % kWarps != 0);
  return blocks < kMaxBlocks ? blocks : kMaxBlocks;
}

int forward(const AttentionScoresForward& a, cudaStream_t stream) {
  const int64_t rows = a.B * a.H * a.N;
  const DeviceBlock row_squares(rows * static_cast<int64_t>(sizeof(float)), stream);
  if (row_squares.status != LETHE_OK) {
    return row_squares.status;
  }
  float* squares = static_cast<float*>(row_squares.data);
  const int status = launch(forward_rows, blocks_for(rows), kThreads, stream, a, squares);
  return status != LETHE_OK ? status : launch(sum_values, 1, kSumThreads, stream, squares, rows, a.sum_of_squares);
}

int backward(const AttentionScoresBackward& a, cudaStream_t stream) {
  const int64_t rows = a.B * a.H * a.N;
  const int64_t tokens = a.B * a.H * a.T;
  const DeviceBlock row_sums((rows > 0 ? rows : 1) * static_cast<int64_t>(sizeof(RowSums)), stream);
  if (row_sums.status != LETHE_OK) {
    return row_sums.status;
  }
  RowSums* sums = static_cast<RowSums*>(row_sums.data);
  int status = LETHE_OK;
  if (rows > 0) {
    status = launch(backward_rows, blocks_for(rows), kThreads, stream, a, sums);
  }
  if (status == LETHE_OK && tokens > 0) {
    status = launch(backward_tokens, blocks_for(tokens), kThreads, stream, a, sums);
  }
  return status;
}

}  // namespace
}  // namespace lethe

extern "C" int lethe_attention_scores_forward_f32_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                       const float* q, const int64_t* q_strides,               //
                                                       const float* k, const int64_t* k_strides,               //
                                                       const float* v, const int64_t* v_strides,               //
                                                       double scale, const uint8_t* columns,                   //
                                                       float* out, const int64_t* out_strides,                 //
                                                       float* lse, double* sum_of_squares, void* stream) {
  lethe::AttentionScoresForward a;
  const int status = lethe::check_forward(B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides, scale, columns, out,
                                          out_strides, lse, sum_of_squares, a);
  if (status != LETHE_OK) {
    return status;
  }
  const auto cuda_stream = static_cast<cudaStream_t>(stream);
  if (lethe::nothing_to_do(a)) {
    return cudaMemsetAsync(sum_of_squares, 0, sizeof(double), cuda_stream) == cudaSuccess ? LETHE_OK
                                                                                          : LETHE_DEVICE_ERROR;
  }
  return lethe::forward(a, cuda_stream);
}

extern "C" int lethe_attention_scores_backward_f32_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                        const float* q, const int64_t* q_strides,               //
                                                        const float* k, const int64_t* k_strides,               //
                                                        const float* v, const int64_t* v_strides,               //
                                                        double scale, const uint8_t* columns,                   //
                                                        const float* lse,                                       //
                                                        const float* d_out, const int64_t* d_out_strides,       //
                                                        double d_sum_of_squares,                                //
                                                        float* dq, const int64_t* dq_strides,                   //
                                                        float* dk, const int64_t* dk_strides,                   //
                                                        float* dv, const int64_t* dv_strides, void* stream) {
  lethe::AttentionScoresBackward a;
  const int status =
      lethe::check_backward(B, H, N, T, d, q, q_strides, k, k_strides, v, v_strides, scale, columns, lse, d_out,
                            d_out_strides, d_sum_of_squares, dq, dq_strides, dk, dk_strides, dv, dv_strides, a);
  if (status != LETHE_OK || lethe::nothing_to_do(a)) {
    return status;
  }
  return lethe::backward(a, static_cast<cudaStream_t>(stream));
}
