// What the forward and the backward pass of attention share: how operands are packed for product_tile.h, and how the
// work is divided.
//
// Lanes are queries. A block of kBlock queries is held transposed, so that scores are computed as [keys, kBlock]: the
// softmax over the keys of a query then runs down a lane, without a sum across lanes, and a product with values or keys
// spreads their elements over the lanes whatever d is. A transposed block lies panel by panel, [d, kPanel] each, which
// is what a product tile reads: rows of a whole block would be a power of two apart and share few sets of the cache.
//
// Element is what tensors hold, float or lethe_bf16. Unit is what products are made of: float, or pairs of bfloat16
// along the summed dimension. (bfloat16 tensors become floats where the processor has no bfloat16 products.)
#ifndef LETHE_ATTENTION_TILES_H_
#define LETHE_ATTENTION_TILES_H_

#include <omp.h>

#include "attention.h"
#include "product_tile.h"
#include "workspace.h"

namespace lethe {
namespace LETHE_ISA {
namespace {

constexpr int64_t kPanel = kTileVectors * kLanes;  // queries of a product tile
constexpr int64_t kBlock = 64;                     // queries
constexpr int64_t kKeys = 96;                      // keys of a tile, a multiple of kTileRows
constexpr int64_t kChunk = 256;                    // queries that share one packing of a tile of keys
constexpr int64_t kRowsAhead = 8;                  // of the row that is packed, rows are prefetched
constexpr int64_t kSumKeys = 8;                    // sums over keys are sums of sums of so many: smaller roundings
static_assert(kKeys % kTileRows == 0 && kKeys % 2 == 0 && kBlock % kPanel == 0 && kChunk % kBlock == 0,
              "tiles fit their loops");

// Whether one tile holds all keys. They are then packed once for all chunks of a task, and a chunk is a block: its
// operands are still in the nearest caches when they are used.
inline bool one_tile(int64_t T) { return T <= kKeys; }

inline int thread_count(int64_t tasks) {
  return omp_in_parallel() ? 1 : static_cast<int>(smaller(omp_get_max_threads(), tasks));
}

template <typename Element>
Element* row(const Rows<Element>& rows, int64_t b, int64_t h, int64_t n) {
  return rows.data + b * rows.stride_b + h * rows.stride_h + n * rows.stride_n;
}

// Summed elements that a unit holds.
template <typename Unit>
constexpr int64_t kElements = 1;
template <>
constexpr int64_t kElements<Pair> = 2;

// Units that hold n summed elements.
template <typename Unit>
constexpr int64_t units(int64_t n) {
  return (n + kElements<Unit> - 1) / kElements<Unit>;
}

// The rows of product tiles, 4 to 6, that cover n rows with the least padding, the larger where there are several.
inline int64_t rows_of_tiles(int64_t n) {
  int64_t best = kTileRows;
  for (int64_t rows = kTileRows - 1; rows >= 4; rows--) {
    if (round_up(n, rows) < round_up(n, best)) {
      best = rows;
    }
  }
  return best;
}

// finish(row, vector, sum) gets the product of left, `rows` rows (a multiple of kRows), with a panel of right: with the
// first kVectors vectors of its rows, which are right_stride units apart.
template <typename Unit, Left kLeft, int kRows, int kVectors = kTileVectors, typename Finish>
void multiply_rows(int64_t rows, int64_t inner, const Unit* left, int64_t left_stride, const Unit* right,
                   int64_t right_stride, Finish finish) {
  for (int64_t r = 0; r < rows; r += kRows) {
    product_tile<Unit, kLeft, kRows, kVectors>(
        inner, kLeft == Left::kRows ? left + r * left_stride : left + r, left_stride, right, right_stride,
        [&](int64_t i, int64_t v, Vec sum) { finish(r + i, v, sum); });
  }
}

template <typename Unit, Left kLeft, int kVectors = kTileVectors, typename Finish>
void multiply(int64_t tile_rows, int64_t rows, int64_t inner, const Unit* left, int64_t left_stride, const Unit* right,
              int64_t right_stride, Finish finish) {
  switch (tile_rows) {
    case 4:
      return multiply_rows<Unit, kLeft, 4, kVectors>(rows, inner, left, left_stride, right, right_stride, finish);
    case 5:
      return multiply_rows<Unit, kLeft, 5, kVectors>(rows, inner, left, left_stride, right, right_stride, finish);
    default:
      return multiply_rows<Unit, kLeft, 6, kVectors>(rows, inner, left, left_stride, right, right_stride, finish);
  }
}

// Where the lanes of query n begin in a transposed block of `rows` rows.
inline int64_t lanes_of(int64_t n, int64_t rows) { return n / kPanel * rows * kPanel + n % kPanel; }

// Up to kLanes elements as floats, the missing lanes 0.
inline Vec load_floats(const float* p, int64_t count) { return load_first(p, count); }

inline Vec load_floats(const lethe_bf16* p, int64_t count) {
#ifdef __AVX512F__
  const __m256i halves = _mm256_maskz_loadu_epi16(static_cast<__mmask16>((1u << count) - 1), p);
  return reinterpret_cast<Vec>(_mm512_maskz_slli_epi32(0xffff, _mm512_maskz_cvtepu16_epi32(0xffff, halves), 16));
#else
  Vec v = {};
  for (int64_t i = 0; i < count; i++) {
    v[i] = widen(p[i]);
  }
  return v;
#endif
}

// Up to kLanes units along the columns of two rows that follow each other; a float holds one row's.
inline Vec load_column_units(const float* row, const float*, int64_t count, const float*) {
  return load_first(row, count);
}

inline Vec load_column_units(const lethe_bf16* row, const lethe_bf16*, int64_t count, const float*) {
  return load_floats(row, count);
}

// next: NULL where there is no second row.
inline Vec load_column_units(const lethe_bf16* row, const lethe_bf16* next, int64_t count, const Pair*) {
  const Bits low = reinterpret_cast<Bits>(load_floats(row, count)) >> 16;
  return reinterpret_cast<Vec>(next == nullptr ? low : low | reinterpret_cast<Bits>(load_floats(next, count)));
}

// A row of d elements as units along d.
template <typename Element>
void pack_row(const Element* source, int64_t d, float* target) {
  for (int64_t c = 0; c < d; c += kLanes) {
    const int64_t count = smaller(d - c, kLanes);
    store_first(load_floats(source + c, count), count, target + c);
  }
}

inline void pack_row(const lethe_bf16* source, int64_t d, Pair* target) {
  if (d % 2 != 0) {
    target[d / 2] = source[d - 1];
  }
  if (d > 0) {  // else source may be NULL, which memcpy must not be given
    memcpy(target, source, static_cast<size_t>(d) * sizeof(lethe_bf16));
  }
}

// Asks for a row before it is needed: rows lie too far apart, most in pages of their own, for the processor to foresee.
template <bool kWritten = false, typename Element>
inline void prefetch_row(const Element* source, int64_t d) {
  constexpr int64_t kLine = 64 / sizeof(Element);
  for (int64_t c = 0; c < d; c += kLine) {
    __builtin_prefetch(source + c, kWritten, 2);
  }
}

template <typename Element>
void prefetch_block(const Rows<Element>& tensor, int64_t b, int64_t h, int64_t n, int64_t end, int64_t d) {
  for (int64_t i = n; i < smaller(n + kBlock, end); i++) {
    prefetch_row(row(tensor, b, h, i), d);
  }
}

// `rows` rows of d elements as rows of units along d, each `width` units from the next; then rows of zeros up to
// padded_rows.
template <typename Element, typename Unit>
void pack_rows(const Element* source, int64_t stride, int64_t rows, int64_t padded_rows, int64_t d, Unit* target,
               int64_t width) {
  for (int64_t i = 0; i < rows; i++) {
    if (i + kRowsAhead < rows) {
      prefetch_row(source + (i + kRowsAhead) * stride, d);
    }
    pack_row(source + i * stride, d, target + i * width);
  }
  memset(target + rows * width, 0, static_cast<size_t>((padded_rows - rows) * width) * sizeof(Unit));
}

// `rows` rows of d elements as units(rows) rows of units along the rows, padded with zeros to `width`.
template <typename Element, typename Unit>
void pack_columns(const Element* source, int64_t stride, int64_t rows, int64_t d, Unit* target, int64_t width) {
  for (int64_t i = 0; i < rows; i += kElements<Unit>) {
    const Element* first = source + i * stride;
    const Element* next = i + 1 < rows ? first + stride : nullptr;
    if (i + kRowsAhead < rows) {
      prefetch_row(first + kRowsAhead * stride, d);
    }
    for (int64_t c = 0; c < width; c += kLanes) {
      const int64_t count = c < d ? smaller(d - c, kLanes) : 0;
      const Vec lanes = load_column_units(first + c, next == nullptr ? nullptr : next + c, count, target);
      store_first(lanes, smaller(width - c, kLanes), target + i / kElements<Unit> * width + c);
    }
  }
}

// Up to kLanes rows of up to kLanes units, `stride` units apart, transposed into a panel. Missing rows are zero.
template <typename Unit>
inline __attribute__((always_inline)) void transpose_square(const Unit* source, int64_t stride, int64_t rows,
                                                            int64_t columns, Unit* target) {
  Vec square[kLanes];
#pragma GCC unroll 16
  for (int64_t i = 0; i < kLanes; i++) {
    square[i] = i < rows ? load_first(source + i * stride, columns) : Vec{};
  }
  transpose(square);
#pragma GCC unroll 16
  for (int64_t j = 0; j < kLanes; j++) {
    if (j < columns) {
      memcpy(target + j * kPanel, &square[j], sizeof(Vec));
    }
  }
}

// `rows` rows of units as a transposed block of `inner` rows. Missing rows are zero.
template <typename Unit>
inline void transpose_units(const Unit* row_units, int64_t width, int64_t rows, int64_t inner, Unit* target) {
  for (int64_t n = 0; n < kBlock; n += kLanes) {
    const int64_t present = n < rows ? smaller(rows - n, kLanes) : 0;
    Unit* panel = target + lanes_of(n, inner);
    for (int64_t c = 0; c < inner; c += kLanes) {
      const Unit* source = row_units + n * width + c;
      const int64_t columns = smaller(inner - c, kLanes);
      if (present == kLanes && columns == kLanes) {
        transpose_square(source, width, kLanes, kLanes, panel + c * kPanel);
      } else {
        transpose_square(source, width, present, columns, panel + c * kPanel);
      }
    }
  }
}

inline void store_rounded(Vec lanes, int64_t count, float* target) { store_first(lanes, count, target); }

inline void store_rounded(Vec lanes, int64_t count, lethe_bf16* target) {
#ifdef __AVX512BF16__
  const __m256i rounded = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(reinterpret_cast<__m512>(lanes)));
  _mm256_mask_storeu_epi16(target, static_cast<__mmask16>((1u << count) - 1), rounded);
#else
  lethe_bf16 rounded[kLanes];
  for (int64_t i = 0; i < kLanes; i++) {
    narrow(lanes[i], rounded[i]);
  }
  for (int64_t i = 0; i < count; i++) {
    target[i] = rounded[i];
  }
#endif
}

// A block of `rows` queries, [rows, d], transposed: units(d) rows of units along d. Missing queries are zero.
// scratch: [kBlock, units(d)].
inline void transpose_block(const float* source, int64_t stride, int64_t rows, int64_t d, float*, float* target) {
  transpose_units(source, stride, rows, d, target);
}

inline void transpose_block(const lethe_bf16* source, int64_t stride, int64_t rows, int64_t d, float* scratch,
                            float* target) {
  pack_rows(source, stride, rows, rows, d, scratch, d);
  transpose_units(scratch, d, rows, d, target);
}

inline void transpose_block(const lethe_bf16* source, int64_t stride, int64_t rows, int64_t d, Pair* scratch,
                            Pair* target) {
  if (d % 2 == 0 && stride % 2 == 0) {
    transpose_units(reinterpret_cast<const Pair*>(source), stride / 2, rows, d / 2, target);
  } else {
    pack_rows(source, stride, rows, rows, d, scratch, units<Pair>(d));
    transpose_units(scratch, units<Pair>(d), rows, units<Pair>(d), target);
  }
}

// The sums of x[i, c] y[i, c] over d channels, of up to kLanes rows of elements; the other lanes are 0.
template <typename Element>
inline Vec dot_rows(const Element* x, int64_t x_stride, const Element* y, int64_t y_stride, int64_t rows, int64_t d) {
  Vec sums[kLanes] = {};
  for (int64_t i = 0; i < smaller(rows, kLanes); i++) {
    for (int64_t c = 0; c < d; c += kLanes) {
      const int64_t count = smaller(d - c, kLanes);
      sums[i] += load_floats(x + i * x_stride + c, count) * load_floats(y + i * y_stride + c, count);
    }
  }
  transpose(sums);
  Vec total = {};
  for (const Vec& lane : sums) {
    total += lane;
  }
  return total;
}

// Up to kLanes columns of a panel, finished, as up to kLanes rows of elements `stride` apart.
template <typename Element, typename Finish>
inline __attribute__((always_inline)) void write_square(const float* panel, int64_t rows, int64_t columns,
                                                        Element* target, int64_t stride, Finish finish) {
  Vec square[kLanes];
#pragma GCC unroll 16
  for (int64_t j = 0; j < kLanes; j++) {
    square[j] = j < columns ? finish(load(panel + j * kPanel)) : Vec{};
  }
  transpose(square);
#pragma GCC unroll 16
  for (int64_t i = 0; i < kLanes; i++) {
    if (i < rows) {
      store_rounded(square[i], columns, target + i * stride);
    }
  }
}

// finish(lanes, n) of a transposed block of block_rows rows, the first d of them, into `rows` rows of d elements; n is
// the first lane's query.
template <typename Element, typename Finish>
inline void write_block(const float* block, int64_t block_rows, int64_t rows, int64_t d, Element* target,
                        int64_t stride, Finish finish) {
  for (int64_t n = 0; n < rows; n += kLanes) {
    const float* panel = block + lanes_of(n, block_rows);
    const int64_t present = smaller(rows - n, kLanes);
    const auto finish_lanes = [&](Vec lanes) { return finish(lanes, n); };
    for (int64_t c = 0; c < d; c += kLanes) {
      Element* square = target + n * stride + c;
      const int64_t columns = smaller(d - c, kLanes);
      if (present == kLanes && columns == kLanes) {
        write_square(panel + c * kPanel, kLanes, kLanes, square, stride, finish_lanes);
      } else {
        write_square(panel + c * kPanel, present, columns, square, stride, finish_lanes);
      }
    }
  }
}

// How many of the `keys` keys of a tile, the first of them t, the queries before `end` see under a causal mask, in
// whole product tiles: mask_future hides the rest. The last of these queries sees t.
inline int64_t visible_keys(int64_t keys, int64_t t, int64_t end) {
  return smaller(keys, round_up(end - t, kTileRows));
}

// No query sees what it must not: scores of the keys from t on, for `queries` queries from n on, kBlock to a key,
// become -infinity where the key comes after the query.
inline void mask_future(int64_t keys, int64_t t, int64_t n, int64_t queries, float* scores) {
  for (int64_t j = 0; j < keys; j++) {
    for (int64_t i = 0; i < smaller(t + j - n, queries); i++) {
      scores[j * kBlock + i] = -INFINITY;
    }
  }
}

}  // namespace
}  // namespace LETHE_ISA
}  // namespace lethe

#endif  // LETHE_ATTENTION_TILES_H_
