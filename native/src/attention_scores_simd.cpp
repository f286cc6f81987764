// attention_scores, compiled once per instruction set (LETHE_ISA). What it computes is in lethe_kernels.h.
//
// Tiling. The rows of a head are split into at most kMaxSplits parts, by N alone; a task is one part of one head, and
// tasks are what the threads share. A task packs its head's keys, transposed to [d, T], and values [T, d], padded to
// whole vectors, so that every inner loop runs over tokens or channels without a tail. It then takes kBlockRows rows at
// a time: scores [kBlockRows, T] = q k^T, softmax in place, out = P v. Whole rows are in the tile, so no running
// maximum is needed. The backward pass recomputes P from lse the same way and adds dk and dv up in the task's own copy;
// a second loop sums the copies in the order of the parts. Hence results do not depend on the number of threads.
//
// Memory, with T and d rounded up to a vector (4 bytes each):
//   forward, per thread    2 T d + kBlockRows (T + 2 d)
//   backward, per thread   3 T d + kBlockRows (2 T + 3 d)
//   backward, per head     2 T d x parts
// For a head of Stable Diffusion 1.4 (T = 77, d = 40..160) that is 37 to 140 KB a thread forward: the second-level
// cache holds it. [N, T] is never stored.
#include <omp.h>

#include "attention_scores.h"
#include "lethe_kernels.h"
#include "simd.h"
#include "workspace.h"

namespace lethe {
namespace LETHE_ISA {
namespace {

constexpr int64_t kBlockRows = 32;  // a multiple of kTileRows
constexpr int64_t kMaxSplits = 8;
constexpr int64_t kMinSplitRows = 256;  // packing the keys is then small beside using them

// How the rows of one head are divided into tasks.
struct Splits {
  int64_t rows;  // of every part but the last
  int64_t count;

  explicit Splits(int64_t N) {
    const int64_t even = round_up((N + kMaxSplits - 1) / kMaxSplits, kBlockRows);
    rows = even < kMinSplitRows ? kMinSplitRows : even;
    count = N == 0 ? 1 : (N + rows - 1) / rows;
  }
};

int thread_count(int64_t tasks) {
  return omp_in_parallel() ? 1 : static_cast<int>(smaller(omp_get_max_threads(), tasks));
}

template <typename Float>
Float* row(const Rows<Float>& rows, int64_t b, int64_t h, int64_t n) {
  return rows.data + b * rows.stride_b + h * rows.stride_h + n * rows.stride_n;
}

// 1 where a column is chosen, else 0; [padded_T].
void unpack_columns(const uint8_t* columns, int64_t T, int64_t padded_T, float* chosen) {
  for (int64_t t = 0; t < padded_T; t++) {
    chosen[t] = columns != nullptr && t < T && columns[t] != 0 ? 1.0f : 0.0f;
  }
}

// The padding must not take part in the softmax.
void mask_padding(int64_t T, int64_t padded_T, float* scores) {
  for (int64_t t = T; t < padded_T; t++) {
    scores[t] = -INFINITY;
  }
}

struct SoftmaxSums {
  float log_sum_exp;
  float squares;  // of the chosen probabilities
};

// Turns a row of scores into probabilities.
SoftmaxSums softmax(int64_t padded_T, const float* chosen, float* scores) {
  Vec maxima = broadcast(-INFINITY);
  for (int64_t t = 0; t < padded_T; t += kLanes) {
    const Vec s = load(scores + t);
    maxima = s > maxima ? s : maxima;
  }
  const float largest = max(maxima);
  Vec sums = {};
  for (int64_t t = 0; t < padded_T; t += kLanes) {
    const Vec e = exp(load(scores + t) - largest);
    store(scores + t, e);
    sums += e;
  }
  const float total = sum(sums);
  const float inverse = 1.0f / total;
  Vec squares = {};
  for (int64_t t = 0; t < padded_T; t += kLanes) {
    const Vec p = load(scores + t) * inverse;
    store(scores + t, p);
    const Vec c = p * load(chosen + t);
    squares += c * c;
  }
  return {largest + logf(total), sum(squares)};
}

struct ForwardLayout : Layout {
  int64_t keys, values, q, scores, out, chosen;

  ForwardLayout(int64_t padded_T, int64_t d, int64_t padded_d) {
    keys = add(d, padded_T);
    values = add(padded_T, padded_d);
    q = add(kBlockRows, padded_d);
    scores = add(kBlockRows, padded_T);
    out = add(kBlockRows, padded_d);
    chosen = add(1, padded_T);
  }
};

// One part of one head; returns its sum of squares.
double forward_task(const AttentionScoresForward& a, int64_t b, int64_t h, int64_t begin, int64_t end,
                    const ForwardLayout& layout, float* scratch) {
  const int64_t padded_T = round_up(a.T, kLanes);
  const int64_t padded_d = round_up(a.d, kLanes);
  float* keys = scratch + layout.keys;
  float* values = scratch + layout.values;
  float* q = scratch + layout.q;
  float* scores = scratch + layout.scores;
  float* out = scratch + layout.out;
  float* chosen = scratch + layout.chosen;

  pack_transposed(row(a.k, b, h, 0), a.k.stride_n, a.T, a.d, keys, padded_T);
  if (a.with_out) {
    pack(row(a.v, b, h, 0), a.v.stride_n, a.T, a.d, values, padded_d);
  }
  unpack_columns(a.columns == nullptr ? nullptr : a.columns + b * a.T, a.T, padded_T, chosen);

  double squares = 0;
  for (int64_t n = begin; n < end; n += kBlockRows) {
    const int64_t rows = smaller(kBlockRows, end - n);
    const int64_t padded_rows = round_up(rows, kTileRows);
    pack(row(a.q, b, h, n), a.q.stride_n, rows, a.d, q, padded_d);
    memset(q + rows * padded_d, 0, static_cast<size_t>((padded_rows - rows) * padded_d) * sizeof(float));
    multiply<false>(padded_rows, padded_T, a.d, {q, padded_d, 1}, keys, padded_T, static_cast<float>(a.scale), scores,
                    padded_T);
    for (int64_t i = 0; i < rows; i++) {
      mask_padding(a.T, padded_T, scores + i * padded_T);
      const SoftmaxSums sums = softmax(padded_T, chosen, scores + i * padded_T);
      squares += sums.squares;
      a.lse[(b * a.H + h) * a.N + n + i] = sums.log_sum_exp;
    }
    if (a.with_out) {
      multiply<false>(padded_rows, padded_d, a.T, {scores, padded_T, 1}, values, padded_d, 1.0f, out, padded_d);
      for (int64_t i = 0; i < rows; i++) {
        memcpy(row(a.out, b, h, n + i), out + i * padded_d, static_cast<size_t>(a.d) * sizeof(float));
      }
    }
  }
  return squares;
}

// The softmax of a row of scores whose log-sum-exp is known. That number is large where scores are, and so is its
// rounding, by the same factor for the whole row; dividing by the sum takes it out again.
void recompute_probabilities(int64_t padded_T, float log_sum_exp, float* scores) {
  Vec sums = {};
  for (int64_t t = 0; t < padded_T; t += kLanes) {
    const Vec p = exp(load(scores + t) - log_sum_exp);
    store(scores + t, p);
    sums += p;
  }
  const float inverse = 1.0f / sum(sums);
  for (int64_t t = 0; t < padded_T; t += kLanes) {
    store(scores + t, load(scores + t) * inverse);
  }
}

// dS from P and dP, in place of dP:  dS = P * (dP - sum over t of P * dP), with the squares' part added to dP first.
void softmax_gradient(int64_t padded_T, const float* chosen, float d_squares, const float* probabilities,
                      float* gradient) {
  Vec sums = {};
  for (int64_t t = 0; t < padded_T; t += kLanes) {
    const Vec p = load(probabilities + t);
    const Vec g = load(gradient + t) + d_squares * (p * load(chosen + t));
    store(gradient + t, g);
    sums += p * g;
  }
  const float expected = sum(sums);
  for (int64_t t = 0; t < padded_T; t += kLanes) {
    store(gradient + t, load(probabilities + t) * (load(gradient + t) - expected));
  }
}

struct BackwardLayout : Layout {
  int64_t keys_transposed, keys, values_transposed, q, d_out, dq, probabilities, d_scores, chosen;

  BackwardLayout(int64_t padded_T, int64_t d, int64_t padded_d) {
    keys_transposed = add(d, padded_T);
    keys = add(padded_T, padded_d);
    values_transposed = add(d, padded_T);
    q = add(kBlockRows, padded_d);
    d_out = add(kBlockRows, padded_d);
    dq = add(kBlockRows, padded_d);
    probabilities = add(kBlockRows, padded_T);
    d_scores = add(kBlockRows, padded_T);
    chosen = add(1, padded_T);
  }
};

// One part of one head: writes its rows of dq, and its share of dk / scale and dv, both [padded_T, padded_d].
void backward_task(const AttentionScoresBackward& a, int64_t b, int64_t h, int64_t begin, int64_t end,
                   const BackwardLayout& layout, float* scratch, float* dk, float* dv) {
  const int64_t padded_T = round_up(a.T, kLanes);
  const int64_t padded_d = round_up(a.d, kLanes);
  const float scale = static_cast<float>(a.scale);
  const float d_squares = static_cast<float>(2 * a.d_sum_of_squares);
  float* keys_transposed = scratch + layout.keys_transposed;
  float* keys = scratch + layout.keys;
  float* values_transposed = scratch + layout.values_transposed;
  float* q = scratch + layout.q;
  float* d_out = scratch + layout.d_out;
  float* dq = scratch + layout.dq;
  float* probabilities = scratch + layout.probabilities;
  float* d_scores = scratch + layout.d_scores;
  float* chosen = scratch + layout.chosen;
  const size_t gradient_bytes = static_cast<size_t>(padded_T * padded_d) * sizeof(float);

  pack_transposed(row(a.k, b, h, 0), a.k.stride_n, a.T, a.d, keys_transposed, padded_T);
  pack(row(a.k, b, h, 0), a.k.stride_n, a.T, a.d, keys, padded_d);
  unpack_columns(a.columns == nullptr ? nullptr : a.columns + b * a.T, a.T, padded_T, chosen);
  memset(dk, 0, gradient_bytes);
  if (a.with_out) {
    pack_transposed(row(a.v, b, h, 0), a.v.stride_n, a.T, a.d, values_transposed, padded_T);
    memset(dv, 0, gradient_bytes);
  }

  for (int64_t n = begin; n < end; n += kBlockRows) {
    const int64_t rows = smaller(kBlockRows, end - n);
    const int64_t padded_rows = round_up(rows, kTileRows);
    const size_t padding_bytes = static_cast<size_t>((padded_rows - rows) * padded_d) * sizeof(float);
    pack(row(a.q, b, h, n), a.q.stride_n, rows, a.d, q, padded_d);
    memset(q + rows * padded_d, 0, padding_bytes);
    multiply<false>(padded_rows, padded_T, a.d, {q, padded_d, 1}, keys_transposed, padded_T, scale, probabilities,
                    padded_T);
    if (a.with_out) {
      pack(row(a.d_out, b, h, n), a.d_out.stride_n, rows, a.d, d_out, padded_d);
      memset(d_out + rows * padded_d, 0, padding_bytes);
      multiply<false>(padded_rows, padded_T, a.d, {d_out, padded_d, 1}, values_transposed, padded_T, 1.0f, d_scores,
                      padded_T);
    } else {
      memset(d_scores, 0, static_cast<size_t>(padded_rows * padded_T) * sizeof(float));
    }
    for (int64_t i = 0; i < rows; i++) {
      float* p = probabilities + i * padded_T;
      mask_padding(a.T, padded_T, p);
      recompute_probabilities(padded_T, a.lse[(b * a.H + h) * a.N + n + i], p);
      softmax_gradient(padded_T, chosen, d_squares, p, d_scores + i * padded_T);
    }
    multiply<false>(padded_rows, padded_d, a.T, {d_scores, padded_T, 1}, keys, padded_d, scale, dq, padded_d);
    for (int64_t i = 0; i < rows; i++) {
      memcpy(row(a.dq, b, h, n + i), dq + i * padded_d, static_cast<size_t>(a.d) * sizeof(float));
    }
    multiply<true>(padded_T, padded_d, rows, {d_scores, 1, padded_T}, q, padded_d, 1.0f, dk, padded_d);
    if (a.with_out) {
      multiply<true>(padded_T, padded_d, rows, {probabilities, 1, padded_T}, d_out, padded_d, 1.0f, dv, padded_d);
    }
  }
}

// target = factor * the sum of `count` [T, padded_d] arrays that begin `stride` floats apart, in their order.
void reduce(const float* parts, int64_t count, int64_t stride, int64_t T, int64_t d, int64_t padded_d, float factor,
            float* target, int64_t target_stride) {
  for (int64_t t = 0; t < T; t++) {
    for (int64_t c = 0; c < d; c++) {
      float total = 0;
      for (int64_t part = 0; part < count; part++) {
        total += parts[part * stride + t * padded_d + c];
      }
      target[t * target_stride + c] = factor * total;
    }
  }
}

}  // namespace

int attention_scores_forward(const AttentionScoresForward& a) {
  if (a.T > INT64_MAX - kLanes || a.d > INT64_MAX - kLanes) {
    return LETHE_TOO_LARGE;
  }
  const ForwardLayout layout(round_up(a.T, kLanes), a.d, round_up(a.d, kLanes));
  const Splits splits(a.N);
  const int64_t tasks = a.B * a.H * splits.count;
  const int threads = thread_count(tasks);
  Layout all;
  const int64_t task_squares = all.add(tasks, 2);  // a double per task
  const int64_t scratch = all.add(threads, layout.floats);
  if (layout.overflowed || all.overflowed) {
    return LETHE_TOO_LARGE;
  }
  const Block block(all.floats);
  if (block.data == nullptr) {
    return LETHE_OUT_OF_MEMORY;
  }
  double* squares = reinterpret_cast<double*>(block.data + task_squares);

#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (int64_t task = 0; task < tasks; task++) {
    const int64_t head = task / splits.count;
    const int64_t begin = task % splits.count * splits.rows;
    squares[task] = forward_task(a, head / a.H, head % a.H, begin, smaller(begin + splits.rows, a.N), layout,
                                 block.data + scratch + omp_get_thread_num() * layout.floats);
  }

  double total = 0;
  for (int64_t task = 0; task < tasks; task++) {
    total += squares[task];
  }
  *a.sum_of_squares = total;
  return LETHE_OK;
}

int attention_scores_backward(const AttentionScoresBackward& a) {
  if (a.T > INT64_MAX - kLanes || a.d > INT64_MAX - kLanes) {
    return LETHE_TOO_LARGE;
  }
  const int64_t padded_T = round_up(a.T, kLanes);
  const int64_t padded_d = round_up(a.d, kLanes);
  const BackwardLayout layout(padded_T, a.d, padded_d);
  Layout gradient;
  gradient.add(padded_T, padded_d);
  const Splits splits(a.N);
  const int64_t heads = a.B * a.H;
  const int64_t tasks = heads * splits.count;
  const int threads = thread_count(tasks);
  Layout all;
  const int64_t dk_parts = all.add(tasks, gradient.floats);
  const int64_t dv_parts = all.add(a.with_out ? tasks : 0, gradient.floats);
  const int64_t scratch = all.add(threads, layout.floats);
  if (layout.overflowed || gradient.overflowed || all.overflowed) {
    return LETHE_TOO_LARGE;
  }
  const Block block(all.floats);
  if (block.data == nullptr) {
    return LETHE_OUT_OF_MEMORY;
  }

#pragma omp parallel num_threads(threads)
  {
#pragma omp for schedule(dynamic)
    for (int64_t task = 0; task < tasks; task++) {
      const int64_t head = task / splits.count;
      const int64_t begin = task % splits.count * splits.rows;
      backward_task(a, head / a.H, head % a.H, begin, smaller(begin + splits.rows, a.N), layout,
                    block.data + scratch + omp_get_thread_num() * layout.floats,
                    block.data + dk_parts + task * gradient.floats, block.data + dv_parts + task * gradient.floats);
    }
#pragma omp for schedule(dynamic)
    for (int64_t head = 0; head < heads; head++) {
      const int64_t b = head / a.H;
      const int64_t h = head % a.H;
      const int64_t first = head * splits.count * gradient.floats;
      reduce(block.data + dk_parts + first, splits.count, gradient.floats, a.T, a.d, padded_d,
             static_cast<float>(a.scale), row(a.dk, b, h, 0), a.dk.stride_n);
      if (a.with_out) {
        reduce(block.data + dv_parts + first, splits.count, gradient.floats, a.T, a.d, padded_d, 1.0f,
               row(a.dv, b, h, 0), a.dv.stride_n);
      }
    }
  }
  return LETHE_OK;
}

}  // namespace LETHE_ISA
}  // namespace lethe
