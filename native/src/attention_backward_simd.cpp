// The backward pass of flash_attention and attention_scores, compiled once per instruction set (LETHE_ISA). What they
// compute is in lethe_kernels.h, how their operands lie in attention_tiles.h.
//
// Tiling. As forward: chunks of at most kChunk queries meet tiles of kKeys keys, block by block of kBlock queries, and
// P is computed again from lse: S = K Q^T, dP = V dO^T, dS = P (dP - row sums of P dP), each [kKeys, kBlock]; then dQ^T
// += K^T dS, dK += dS Q, dV += P dO. A task is a part of the queries of one head; it adds dK and dV up in its own copy,
// and a second loop sums the copies in the order of the parts. Where a part is a whole head, because queries are few or
// heads many, a thread has one copy for all its tasks and there is no second loop. The parts follow from the sizes
// alone, so the number of threads does not matter.
//
// The row sums of P dP are needed before the first dS. Where one tile holds all keys they are added up. Else they are
// <out, dO> and what the squares of chosen columns add to it: P of those columns alone is computed twice. Where `out`
// is not given, all keys are gone through twice; where these are few, P and dP are kept from the first time.
//
// Memory in 4-byte words, with d rounded up to a vector; where one tile holds all keys, kBlock for kChunk:
//   per thread            2 kKeys d + 2 kKeys kBlock + kChunk (5 d + 3), and kKeys d more for pairs of bfloat16, and
//                         2 T kChunk where P and dP are kept
//   per head and part     2 T d; at most kMaxParts parts, fewer where there are many heads; where a part is a whole
//                         head, per thread
// In fp32 a thread has 290 KB for d = 40 and 1.0 MB for d = 160, and 380 KB with one tile.
#include "attention_gradients.h"
#include "attention_tiles.h"
#include "attention_variants.h"

namespace lethe {
namespace LETHE_ISA {
namespace {

constexpr int64_t kMaxKeptKeys = 1024;  // whose P and dP a chunk of queries keeps
constexpr int64_t kMaxParts = 8;
constexpr int64_t kEnoughTasks = 16;  // parts are made only where there are fewer heads than this

// How the queries of one head are divided into tasks.
struct Parts {
  int64_t rows;  // of every part but the last
  int64_t count;

  Parts(int64_t heads, int64_t N) {
    const int64_t wanted = smaller(kMaxParts, (kEnoughTasks + heads - 1) / heads);
    rows = round_up((N + wanted - 1) / wanted, kChunk);
    count = N == 0 ? 1 : (N + rows - 1) / rows;
  }
};

// Whether the row sums of P dP are known without all of P and dP.
template <typename Element>
bool expected_is_known(const AttentionBackward<Element>& a) {
  return !one_tile(a.T) && (a.out.data != nullptr || !a.with_out);
}

// Whether the row sums of P dP are summed, over more than one tile, from P and dP that are then kept.
template <typename Element>
bool keeps_tiles(const AttentionBackward<Element>& a) {
  return !one_tile(a.T) && !expected_is_known(a) && a.T <= kMaxKeptKeys;
}

// Whether keys lie alike as rows and as columns: units along the rows are then units along the columns, too.
template <typename Unit>
constexpr bool kOnePacking = kElements<Unit> == 1;

template <typename Unit>
struct BackwardLayout : Layout {
  int64_t tile_rows, width, padded_d, key_stride, keys, values, key_columns, rows, q, d_out, q_columns, d_out_columns;
  int64_t dq, lse_high, lse_low, expected, scores, gradient, gradient_rows;

  // kept: tiles of a chunk that are kept, at least 1.
  BackwardLayout(int64_t d, int64_t chunk, int64_t kept) {
    tile_rows = rows_of_tiles(d);
    width = round_up(d, tile_rows);
    padded_d = round_up(d, kLanes);
    key_stride = kOnePacking<Unit> ? width : units<Unit>(d);
    keys = add(kKeys, key_stride);
    values = add(kKeys, units<Unit>(d));
    key_columns = kOnePacking<Unit> ? keys : add(units<Unit>(kKeys), width);
    rows = add(kBlock, units<Unit>(d));
    q = add(units<Unit>(d), chunk);
    d_out = add(units<Unit>(d), chunk);
    q_columns = add(units<Unit>(chunk), padded_d);
    d_out_columns = add(units<Unit>(chunk), padded_d);
    dq = add(width, chunk);
    lse_high = add(1, chunk);
    lse_low = add(1, chunk);
    expected = add(1, chunk);
    scores = add(kept * kKeys, kBlock);
    gradient = add(kept * kKeys, kBlock);
    gradient_rows = add(Gradients<Unit>::kScratchRows, kBlock);
  }
};

template <typename Element, typename Unit>
class BackwardTask {
 public:
  BackwardTask(const AttentionBackward<Element>& a, const BackwardLayout<Unit>& layout, float* scratch)
      : a_(a), layout_(layout), scratch_(scratch) {}

  // The queries begin..end of a head: writes their dq, and their share of dk / scale and dv, both [T, padded_d] with T
  // rounded up to kTileRows.
  void run(int64_t b, int64_t h, int64_t begin, int64_t end, float* dk, float* dv) {
    const size_t bytes = static_cast<size_t>(round_up(a_.T, kTileRows) * layout_.padded_d) * sizeof(float);
    memset(dk, 0, bytes);
    if (a_.with_out) {
      memset(dv, 0, bytes);
    }
    const int64_t chunk = one_tile(a_.T) ? kBlock : kChunk;
    for (int64_t n = begin; n < end; n += chunk) {
      prefetch_block(a_.q, b, h, n + chunk, end, a_.d);
      if (a_.with_out) {
        prefetch_block(a_.d_out, b, h, n + chunk, end, a_.d);
      }
      run_chunk(b, h, n, smaller(n + chunk, end), one_tile(a_.T) && n > begin, dk, dv);
    }
  }

 private:
  Unit* units_at(int64_t offset) { return reinterpret_cast<Unit*>(scratch_ + offset); }
  // A block's part of an array that has one of them for every block of a chunk.
  Unit* q(int64_t block) { return units_at(layout_.q) + block * units<Unit>(a_.d) * kBlock; }
  Unit* d_out(int64_t block) { return units_at(layout_.d_out) + block * units<Unit>(a_.d) * kBlock; }
  Unit* q_columns(int64_t block) { return units_at(layout_.q_columns) + block * column_units(); }
  Unit* d_out_columns(int64_t block) { return units_at(layout_.d_out_columns) + block * column_units(); }
  int64_t column_units() const { return units<Unit>(kBlock) * layout_.padded_d; }
  float* dq(int64_t block) { return scratch_ + layout_.dq + block * layout_.width * kBlock; }
  float* lse_high(int64_t block) { return scratch_ + layout_.lse_high + block * kBlock; }
  float* lse_low(int64_t block) { return scratch_ + layout_.lse_low + block * kBlock; }
  float* expected(int64_t block) { return scratch_ + layout_.expected + block * kBlock; }
  // P and dP of the tile of keys from t on and a block.
  float* scores(int64_t t, int64_t block) { return scratch_ + layout_.scores + tile_offset(t, block); }
  float* gradient(int64_t t, int64_t block) { return scratch_ + layout_.gradient + tile_offset(t, block); }
  int64_t tile_offset(int64_t t, int64_t block) const {
    return keeps_tiles(a_) ? (t * kChunk / kBlock + block * kKeys) * kBlock : 0;
  }

  // packed: whether the keys are, by the chunk before.
  void run_chunk(int64_t b, int64_t h, int64_t begin, int64_t end, bool packed, float* dk, float* dv) {
    const int64_t blocks = (end - begin + kBlock - 1) / kBlock;
    for (int64_t block = 0; block < blocks; block++) {
      start_block(b, h, begin + block * kBlock, end, block);
    }
    if (expected_is_known(a_)) {
      expect_squares(b, h, blocks);
    } else if (!one_tile(a_.T)) {
      expect_all(b, h, begin, blocks);
    }
    const int64_t last_key = a_.causal ? smaller(a_.T, end) : a_.T;
    for (int64_t t = 0; t < last_key; t += kKeys) {
      const int64_t keys = smaller(kKeys, a_.T - t);
      if (!packed && !keeps_tiles(a_)) {
        pack_tile(b, h, t);
      }
      if (!packed && (keeps_tiles(a_) || !kOnePacking<Unit>)) {
        pack_columns(row(a_.k, b, h, t), a_.k.stride_n, keys, a_.d, units_at(layout_.key_columns), layout_.width);
      }
      for (int64_t block = 0; block < blocks; block++) {
        const int64_t n = begin + block * kBlock;
        if (!a_.causal || t < n + kBlock) {
          take_tile(b, t, a_.causal ? visible_keys(keys, t, n + kBlock) : keys, n, block, dk + t * layout_.padded_d,
                    dv + t * layout_.padded_d);
        }
      }
    }
    for (int64_t block = 0; block < blocks; block++) {
      const int64_t n = begin + block * kBlock;
      write_block(dq(block), layout_.width, smaller(kBlock, end - n), a_.d, row(a_.dq, b, h, n), a_.dq.stride_n,
                  [&](Vec sum, int64_t) { return sum * static_cast<float>(a_.scale); });
    }
  }

  // Packs rows n.. of a tensor, transposed for products over d and as they are for products over queries.
  void pack_block(const Rows<const Element>& tensor, int64_t b, int64_t h, int64_t n, int64_t rows, Unit* transposed,
                  Unit* columns) {
    const Element* source = row(tensor, b, h, n);
    pack_columns(source, tensor.stride_n, rows, a_.d, columns, layout_.padded_d);
    if constexpr (kOnePacking<Unit>) {
      transpose_units(columns, layout_.padded_d, rows, a_.d, transposed);
    } else {
      transpose_block(source, tensor.stride_n, rows, a_.d, units_at(layout_.rows), transposed);
    }
    const int64_t packed = units<Unit>(rows) * layout_.padded_d;
    memset(columns + packed, 0, static_cast<size_t>(column_units() - packed) * sizeof(Unit));
  }

  void start_block(int64_t b, int64_t h, int64_t n, int64_t end, int64_t block) {
    const int64_t rows = smaller(kBlock, end - n);
    pack_block(a_.q, b, h, n, rows, q(block), q_columns(block));
    if (a_.with_out) {
      pack_block(a_.d_out, b, h, n, rows, d_out(block), d_out_columns(block));
    }
    memset(dq(block), 0, static_cast<size_t>(layout_.width * kBlock) * sizeof(float));
    for (int64_t i = 0; i < kBlock; i++) {
      // A query that is not there gets no probability.
      const double lse = i < rows ? a_.lse[(b * a_.H + h) * a_.N + n + i] : INFINITY;
      lse_high(block)[i] = static_cast<float>(lse);
      lse_low(block)[i] = isinf(lse) ? 0 : static_cast<float>(lse - lse_high(block)[i]);
    }
    const bool known = a_.with_out && expected_is_known(a_);
    for (int64_t i = 0; i < kBlock; i += kLanes) {
      store(expected(block) + i, known && i < rows ? dot_rows(row(a_.out, b, h, n + i), a_.out.stride_n,
                                                              row(a_.d_out, b, h, n + i), a_.d_out.stride_n, rows - i,
                                                              a_.d)
                                                   : Vec{});
    }
  }

  // The row sums of P dP.
  void expect_all(int64_t b, int64_t h, int64_t begin, int64_t blocks) {
    for (int64_t t = 0; t < a_.T; t += kKeys) {
      const int64_t keys = pack_tile(b, h, t);
      for (int64_t block = 0; block < blocks; block++) {
        recompute(b, t, keys, begin + block * kBlock, block);
        add_expected(scores(t, block), gradient(t, block), keys, expected(block));
      }
    }
  }

  // Adds to <out, dO> what the squares of chosen columns are of those sums. Their keys are gathered into tiles.
  void expect_squares(int64_t b, int64_t h, int64_t blocks) {
    const uint8_t* chosen = a_.columns == nullptr ? nullptr : a_.columns + b * a_.T;
    const int64_t width = layout_.key_stride;
    for (int64_t t = 0; chosen != nullptr && t < a_.T;) {
      Unit* end_of_keys = units_at(layout_.keys);
      int64_t keys = 0;
      for (; t < a_.T && keys < kKeys; t++) {
        if (chosen[t] != 0) {
          pack_row(row(a_.k, b, h, t), a_.d, end_of_keys);
          end_of_keys += width;
          keys++;
        }
      }
      memset(end_of_keys, 0, static_cast<size_t>((round_up(keys, kTileRows) - keys) * width) * sizeof(Unit));
      for (int64_t block = 0; block < blocks; block++) {
        float* probabilities = scores(0, block);
        score(keys, block, probabilities);
        recompute_probabilities(probabilities, keys, lse_high(block), lse_low(block));
        squares_gradient(probabilities, keys, d_squares(), gradient(0, block));
        add_expected(probabilities, gradient(0, block), keys, expected(block));
      }
    }
  }

  // Packs what S and dP need; returns the number of keys.
  int64_t pack_tile(int64_t b, int64_t h, int64_t t) {
    const int64_t keys = smaller(kKeys, a_.T - t);
    const int64_t padded = round_up(keys, kTileRows);
    pack_rows(row(a_.k, b, h, t), a_.k.stride_n, keys, padded, a_.d, units_at(layout_.keys), layout_.key_stride);
    if (a_.with_out) {
      pack_rows(row(a_.v, b, h, t), a_.v.stride_n, keys, padded, a_.d, units_at(layout_.values), units<Unit>(a_.d));
    }
    return keys;
  }

  float d_squares() const { return static_cast<float>(2 * a_.d_sum_of_squares); }

  // scores: of the packed keys and a block, [keys, kBlock].
  void score(int64_t keys, int64_t block, float* scores) {
    const int64_t inner = units<Unit>(a_.d);
    const float scale = static_cast<float>(a_.scale);
    for (int64_t first = 0; first < kBlock; first += kPanel) {
      multiply_rows<Unit, Left::kRows, kTileRows>(
          round_up(keys, kTileRows), inner, units_at(layout_.keys), layout_.key_stride,
          q(block) + lanes_of(first, inner), kPanel,
          [&](int64_t j, int64_t v, Vec sum) { store(scores + j * kBlock + first + v * kLanes, sum * scale); });
    }
  }

  // P and dP of a tile and a block, [keys, kBlock].
  void recompute(int64_t b, int64_t t, int64_t keys, int64_t n, int64_t block) {
    const int64_t padded = round_up(keys, kTileRows);
    const int64_t inner = units<Unit>(a_.d);
    float* scores = this->scores(t, block);
    float* gradient = this->gradient(t, block);
    score(keys, block, scores);
    if (a_.causal && t + keys > n + 1) {
      mask_future(keys, t, n, kBlock, scores);
    }
    recompute_probabilities(scores, keys, lse_high(block), lse_low(block));
    if (a_.with_out) {
      for (int64_t first = 0; first < kBlock; first += kPanel) {
        multiply_rows<Unit, Left::kRows, kTileRows>(
            padded, inner, units_at(layout_.values), inner, d_out(block) + lanes_of(first, inner), kPanel,
            [&](int64_t j, int64_t v, Vec sum) { store(gradient + j * kBlock + first + v * kLanes, sum); });
      }
    } else {
      memset(gradient, 0, static_cast<size_t>(padded * kBlock) * sizeof(float));
    }
    if (a_.columns != nullptr) {
      add_squares_gradient(scores, keys, a_.columns + b * a_.T + t, d_squares(), gradient);
    }
  }

  void take_tile(int64_t b, int64_t t, int64_t keys, int64_t n, int64_t block, float* dk, float* dv) {
    const int64_t padded = round_up(keys, kTileRows);
    float* scores = this->scores(t, block);
    float* gradient = this->gradient(t, block);
    if (!keeps_tiles(a_)) {
      recompute(b, t, keys, n, block);
    }
    if (one_tile(a_.T)) {
      add_expected(scores, gradient, keys, expected(block));
    }
    const Gradients<Unit> gradients(scores, gradient, keys, expected(block), scratch_ + layout_.gradient_rows);
    for (int64_t first = 0; first < kBlock; first += kPanel) {
      float* panel_dq = dq(block) + lanes_of(first, layout_.width);
      multiply<Unit, Left::kColumns>(layout_.tile_rows, layout_.width, units<Unit>(keys),
                                     units_at(layout_.key_columns), layout_.width, gradients.ds_columns + first, kBlock,
                                     [&](int64_t c, int64_t v, Vec sum) {
                                       float* target = panel_dq + c * kPanel + v * kLanes;
                                       store(target, load(target) + sum);
                                     });
    }
    constexpr int64_t kRowUnits = Gradients<Unit>::kRowUnits;
    accumulate(padded, kRowUnits, gradients.ds_rows, kRowUnits, q_columns(block), layout_.padded_d, dk);
    if (a_.with_out) {
      accumulate(padded, kRowUnits, gradients.p_rows, kRowUnits, d_out_columns(block), layout_.padded_d, dv);
    }
  }

  const AttentionBackward<Element>& a_;
  const BackwardLayout<Unit>& layout_;
  float* scratch_;
};

// target = factor * the sum of `count` [T, padded_d] arrays that begin `stride` floats apart, in their order.
template <typename Element>
void reduce(const float* parts, int64_t count, int64_t stride, int64_t T, int64_t d, int64_t padded_d, float factor,
            Element* target, int64_t target_stride) {
  for (int64_t t = 0; t < T; t++) {
    if (t + kRowsAhead < T) {
      prefetch_row<true>(target + (t + kRowsAhead) * target_stride, d);
    }
    for (int64_t c = 0; c < d; c += kLanes) {
      Vec total = {};
      for (int64_t part = 0; part < count; part++) {
        total += load(parts + part * stride + t * padded_d + c);
      }
      store_rounded(factor * total, smaller(d - c, kLanes), target + t * target_stride + c);
    }
  }
}

template <typename Element, typename Unit>
int backward(const AttentionBackward<Element>& a) {
  if (a.d > INT64_MAX / 4 || a.T > INT64_MAX / 4 || a.N > INT64_MAX / 4) {
    return LETHE_TOO_LARGE;
  }
  const int64_t chunk = one_tile(a.T) ? kBlock : smaller(kChunk, round_up(a.N, kBlock));
  const int64_t kept = keeps_tiles(a) ? (a.T + kKeys - 1) / kKeys * (kChunk / kBlock) : 1;
  const BackwardLayout<Unit> layout(a.d, chunk, kept);
  Layout share;  // of dk or dv
  share.add(round_up(a.T, kTileRows), layout.padded_d);
  const int64_t heads = a.B * a.H;
  const Parts parts(heads, a.N);
  const int64_t tasks = heads * parts.count;
  const int threads = thread_count(tasks);
  const bool whole_heads = parts.count == 1;
  const int64_t shares = whole_heads ? threads : tasks;
  Layout all;
  const int64_t dk_shares = all.add(shares, share.floats);
  const int64_t dv_shares = all.add(a.with_out ? shares : 0, share.floats);
  const int64_t scratch = all.add(threads, layout.floats);
  if (layout.overflowed || share.overflowed || all.overflowed) {
    return LETHE_TOO_LARGE;
  }
  const Block block(all.floats);
  if (block.data == nullptr) {
    return LETHE_OUT_OF_MEMORY;
  }
  float* dk = block.data + dk_shares;
  float* dv = block.data + dv_shares;
  // dk and dv of a head, whose parts' shares follow each other from the share `first` on.
  const auto reduce_head = [&](int64_t head, int64_t first) {
    const int64_t b = head / a.H;
    const int64_t h = head % a.H;
    reduce(dk + first * share.floats, parts.count, share.floats, a.T, a.d, layout.padded_d,
           static_cast<float>(a.scale), row(a.dk, b, h, 0), a.dk.stride_n);
    if (a.with_out) {
      reduce(dv + first * share.floats, parts.count, share.floats, a.T, a.d, layout.padded_d, 1.0f,
             row(a.dv, b, h, 0), a.dv.stride_n);
    }
  };

#pragma omp parallel num_threads(threads)
  {
    const int64_t thread = omp_get_thread_num();
    BackwardTask<Element, Unit> work(a, layout, block.data + scratch + thread * layout.floats);
#pragma omp for schedule(dynamic) nowait
    for (int64_t task = 0; task < tasks; task++) {
      const int64_t head = task / parts.count;
      const int64_t begin = task % parts.count * parts.rows;
      const int64_t own = whole_heads ? thread : task;
      work.run(head / a.H, head % a.H, begin, smaller(begin + parts.rows, a.N), dk + own * share.floats,
               dv + own * share.floats);
      if (whole_heads) {
        reduce_head(head, own);
      }
    }
    if (!whole_heads) {
#pragma omp barrier
#pragma omp for schedule(dynamic) nowait
      for (int64_t head = 0; head < heads; head++) {
        reduce_head(head, head * parts.count);
      }
    }
  }
  return LETHE_OK;
}

}  // namespace

int attention_backward(const AttentionBackward<float>& a) { return backward<float, float>(a); }

int attention_backward(const AttentionBackward<lethe_bf16>& a) { return backward<lethe_bf16, Bf16Unit>(a); }

}  // namespace LETHE_ISA
}  // namespace lethe
