// The forward pass of flash_attention and attention_scores, compiled once per instruction set (LETHE_ISA). What they
// compute is in lethe_kernels.h, how their operands lie in attention_tiles.h.
//
// Tiling. A task is a chunk of at most kChunk queries of one head (of all heads in turn where maps, which are means
// over heads, are wanted); tasks are what the threads share. A task goes through the keys a tile of kKeys at a time; it
// packs the tile's keys and values once and then takes every block of kBlock queries through it: scores [kKeys,
// kBlock], the softmax relative to the largest score so far, out^T [d, kBlock] += values^T P. Sums so far are rescaled
// when a larger score appears (FlashAttention-2, algorithm 1). A chunk's results depend on its queries alone, so the
// number of threads does not matter.
//
// The sum of squares is one number, so no error of it hides among others: it takes the chosen P, numerator and part of
// the denominator, from scores that were summed once more in double precision (attention_squares.h). `out` does not.
//
// Memory per thread, in 4-byte words, with d rounded up to a few; where one tile holds all keys, kBlock for kChunk:
//   (2 kKeys + kBlock) d + kKeys kBlock + kChunk (2 d + 4) + map_count kChunk, and a little where columns are chosen
// That is 150 KB for d = 40 and 520 KB for d = 160, and 270 KB with one tile: a second-level cache holds most of it.
#include "attention_squares.h"
#include "attention_tiles.h"
#include "attention_variants.h"

namespace lethe {
namespace LETHE_ISA {
namespace {

// What a query's softmax is made of so far.
struct Running {
  float* largest;  // [kBlock] each
  float* total;
  ChosenSums chosen;
};

// The largest score of each query in [keys, kBlock] scores.
template <int kVectors>
inline void find_largest(const float* scores, int64_t keys, Vec (&largest)[kVectors]) {
  for (int v = 0; v < kVectors; v++) {
    largest[v] = broadcast(-INFINITY);
    for (int64_t j = 0; j < keys; j++) {
      largest[v] = maximum(load(scores + j * kBlock + v * kLanes), largest[v]);
    }
  }
}

// Makes the sums so far relative to the largest score of a tile, too. factor: what they were multiplied by.
template <int kVectors>
inline void rescale(const Vec (&tile_largest)[kVectors], const Running& running, float* factor) {
  for (int v = 0; v < kVectors; v++) {
    const int lane = v * kLanes;
    const Vec before = load(running.largest + lane);
    const Vec largest = maximum(tile_largest[v], before);
    store(running.largest + lane, largest);
    // Before the first key both are -infinity, and what is multiplied is 0.
    const Vec f = before == largest ? broadcast(1) : exp(before - largest);
    store(factor + lane, f);
    store(running.total + lane, f * load(running.total + lane));
    store(running.chosen.squares + lane, f * f * load(running.chosen.squares + lane));
    store(running.chosen.lacking + lane, f * load(running.chosen.lacking + lane));
  }
}

// Scores become probabilities relative to the largest score, in place.
template <int kVectors>
inline void exponentiate(float* scores, int64_t keys, const Running& running) {
  Vec largest[kVectors], totals[kVectors];
  for (int v = 0; v < kVectors; v++) {
    largest[v] = load(running.largest + v * kLanes);
    totals[v] = load(running.total + v * kLanes);
  }
  for (int64_t first = 0; first < keys; first += kSumKeys) {
    Vec total[kVectors] = {};
    for (int64_t j = first; j < smaller(first + kSumKeys, keys); j++) {
      float* key_scores = scores + j * kBlock;
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; v++) {
        const Vec p = exp(load(key_scores + v * kLanes) - largest[v]);
        store(key_scores + v * kLanes, p);
        total[v] += p;
      }
    }
    for (int v = 0; v < kVectors; v++) {
      totals[v] += total[v];
    }
  }
  for (int v = 0; v < kVectors; v++) {
    store(running.total + v * kLanes, totals[v]);
  }
}

// Probabilities [keys, kBlock] as the right operand of a product over keys, in place.
template <int kVectors>
inline const float* as_units(float* probabilities, int64_t, const float*) { return probabilities; }

#ifdef __AVX512BF16__
template <int kVectors>
inline const Pair* as_units(float* probabilities, int64_t keys, const Pair*) {
  Pair* pairs = reinterpret_cast<Pair*>(probabilities);
  for (int64_t j = 0; j < keys; j += 2) {
    for (int64_t v = 0; v < kVectors * kLanes; v += kLanes) {
      const Vec low = load(probabilities + j * kBlock + v);
      const Vec high = j + 1 < keys ? load(probabilities + (j + 1) * kBlock + v) : Vec{};
      store_pairs(low, high, pairs + j / 2 * kBlock + v);
    }
  }
  return pairs;
}
#endif

template <typename Unit>
struct ForwardLayout : Layout {
  int64_t tile_rows, width, keys, values, rows, q, out, largest, total, squares, lacking, factor, scores, exact_keys,
      map_scores;

  ForwardLayout(int64_t d, bool with_columns, int64_t map_count, int64_t chunk) {
    tile_rows = rows_of_tiles(d);
    width = round_up(d, tile_rows);
    keys = add(kKeys, units<Unit>(d));
    values = add(units<Unit>(kKeys), width);
    rows = add(kBlock, units<Unit>(d));
    q = add(units<Unit>(d), chunk);
    out = add(width, chunk);
    largest = add(1, chunk);
    total = add(1, chunk);
    squares = add(1, chunk);
    lacking = add(1, chunk);
    factor = add(1, kBlock);
    scores = add(kKeys, kBlock);
    exact_keys = add(with_columns ? kExactKeys * 2 : 0, d);  // doubles
    map_scores = add(map_count, chunk);
  }
};

template <typename Element, typename Unit>
class ForwardTask {
 public:
  ForwardTask(const AttentionForward<Element>& a, const ForwardLayout<Unit>& layout, float* scratch)
      : a_(a), layout_(layout), scratch_(scratch) {}

  // Attention of at most kChunk queries begin..end of a head; returns their sum of squares.
  double run(int64_t b, int64_t h, int64_t begin, int64_t end) {
    if (!one_tile(a_.T)) {
      return run_chunk(b, h, begin, end, false);
    }
    double squares = 0;
    for (int64_t n = begin; n < end; n += kBlock) {
      prefetch_block(a_.q, b, h, n + kBlock, end, a_.d);
      squares += run_chunk(b, h, n, smaller(n + kBlock, end), n > begin);
    }
    return squares;
  }

 private:
  // packed: whether the keys are, by the chunk before.
  double run_chunk(int64_t b, int64_t h, int64_t begin, int64_t end, bool packed) {
    const int64_t blocks = (end - begin + kBlock - 1) / kBlock;
    for (int64_t block = 0; block < blocks; block++) {
      start_block(b, h, begin + block * kBlock, end, block);
    }
    const int64_t last_key = a_.causal ? smaller(a_.T, end) : a_.T;
    for (int64_t t = 0; t < last_key; t += kKeys) {
      const int64_t keys = smaller(kKeys, a_.T - t);
      if (!packed) {
        pack_tile(b, h, t, keys);
      }
      for (int64_t block = 0; block < blocks; block++) {
        const int64_t n = begin + block * kBlock;
        take_tile(b, h, t, keys, n, end, block);
      }
    }
    double squares = 0;
    for (int64_t block = 0; block < blocks; block++) {
      squares += finish_block(b, h, begin + block * kBlock, end, block);
    }
    return squares;
  }

  Unit* units_at(int64_t offset) { return reinterpret_cast<Unit*>(scratch_ + offset); }
  Unit* q(int64_t block) { return units_at(layout_.q) + block * units<Unit>(a_.d) * kBlock; }
  float* out(int64_t block) { return scratch_ + layout_.out + block * layout_.width * kBlock; }
  float* map_scores(int64_t block) { return scratch_ + layout_.map_scores + block * a_.map_count * kBlock; }
  // Of a block's queries from `first` on.
  Running running(int64_t block, int64_t first = 0) {
    const int64_t offset = block * kBlock + first;
    return {scratch_ + layout_.largest + offset,
            scratch_ + layout_.total + offset,
            {scratch_ + layout_.squares + offset, scratch_ + layout_.lacking + offset}};
  }

  void start_block(int64_t b, int64_t h, int64_t n, int64_t end, int64_t block) {
    const int64_t rows = smaller(kBlock, end - n);
    transpose_block(row(a_.q, b, h, n), a_.q.stride_n, rows, a_.d, units_at(layout_.rows), q(block));
    const Running sums = running(block);
    for (int64_t i = 0; i < kBlock; i++) {
      sums.largest[i] = -INFINITY;
      sums.total[i] = 0;
      sums.chosen.squares[i] = 0;
      sums.chosen.lacking[i] = 0;
    }
    memset(out(block), 0, static_cast<size_t>(layout_.width * kBlock) * sizeof(float));
  }

  void pack_tile(int64_t b, int64_t h, int64_t t, int64_t keys) {
    pack_rows(row(a_.k, b, h, t), a_.k.stride_n, keys, round_up(keys, kTileRows), a_.d, units_at(layout_.keys),
              units<Unit>(a_.d));
    if (a_.with_out) {
      pack_columns(row(a_.v, b, h, t), a_.v.stride_n, keys, a_.d, units_at(layout_.values), layout_.width);
    }
  }

  // A block of queries, the first of them n, attends to the packed tile of keys from t on, panel by panel. Panels
  // without queries are left out, and where a last one has few, as a text encoder's 77 = 64 + 13 have, so are the lanes
  // that have none. Under a causal mask each panel sees keys of its own.
  void take_tile(int64_t b, int64_t h, int64_t t, int64_t keys, int64_t n, int64_t end, int64_t block) {
    const int64_t queries = smaller(kBlock, end - n);
    const auto for_panels = [&](const auto& one_vector, const auto& all_vectors) {
      for (int64_t first = 0; first < queries; first += kPanel) {
        const int64_t past = n + first + kPanel;
        if (a_.causal && t >= past) {
          continue;
        }
        const int64_t visible = a_.causal ? visible_keys(keys, t, past) : keys;
        if (queries - first <= kLanes && a_.columns == nullptr && a_.map_count == 0) {
          one_vector(visible, first);
        } else {
          all_vectors(visible, first);
        }
      }
    };
    for_panels([&](int64_t visible, int64_t first) { find_probabilities<1>(t, visible, n, block, first); },
               [&](int64_t visible, int64_t first) { find_probabilities<kTileVectors>(t, visible, n, block, first); });
    if (a_.columns != nullptr) {
      add_squares(a_.columns + b * a_.T + t, keys, a_.d, row(a_.k, b, h, t), a_.k.stride_n, q(block), queries,
                  a_.scale, scratch_ + layout_.scores, running(block).largest,
                  reinterpret_cast<double*>(scratch_ + layout_.exact_keys), running(block).chosen);
    }
    if (a_.with_out) {
      for_panels([&](int64_t visible, int64_t first) { add_out<1>(visible, block, first); },
                 [&](int64_t visible, int64_t first) { add_out<kTileVectors>(visible, block, first); });
    }
  }

  // Of the panel of queries from `first` on, relative to the largest score so far. n: the block's first query.
  template <int kVectors>
  void find_probabilities(int64_t t, int64_t keys, int64_t n, int64_t block, int64_t first) {
    float* scores = scratch_ + layout_.scores + first;
    const int64_t inner = units<Unit>(a_.d);
    const Running sums = running(block, first);
    const float scale = static_cast<float>(a_.scale);
    Vec largest[kVectors];
    for (Vec& lanes : largest) {
      lanes = broadcast(-INFINITY);
    }
    multiply_rows<Unit, Left::kRows, kTileRows, kVectors>(
        round_up(keys, kTileRows), inner, units_at(layout_.keys), inner, q(block) + lanes_of(first, inner), kPanel,
        [&](int64_t j, int64_t v, Vec sum) {
          const Vec score = sum * scale;
          store(scores + j * kBlock + v * kLanes, score);
          if (j < keys) {
            largest[v] = maximum(score, largest[v]);
          }
        });
    if (a_.causal && t + keys > n + first + 1) {
      mask_future(keys, t, n + first, kPanel, scores);
      find_largest<kVectors>(scores, keys, largest);
    }
    save_map_scores(t, keys, scores, map_scores(block) + first);
    rescale<kVectors>(largest, sums, scratch_ + layout_.factor + first);
    exponentiate<kVectors>(scores, keys, sums);
  }

  template <int kVectors>
  void add_out(int64_t keys, int64_t block, int64_t first) {
    const float* factor = scratch_ + layout_.factor + first;
    float* panel_out = out(block) + lanes_of(first, layout_.width);
    multiply<Unit, Left::kColumns, kVectors>(
        layout_.tile_rows, layout_.width, units<Unit>(keys), units_at(layout_.values), layout_.width,
        as_units<kVectors>(scratch_ + layout_.scores + first, keys, static_cast<const Unit*>(nullptr)), kBlock,
        [&](int64_t c, int64_t v, Vec sum) {
          float* target = panel_out + c * kPanel + v * kLanes;
          store(target, load(target) * load(factor + v * kLanes) + sum);
        });
  }

  // A panel's scores of the tokens whose maps are wanted.
  void save_map_scores(int64_t t, int64_t keys, const float* scores, float* panel_map_scores) {
    for (int64_t m = 0; m < a_.map_count; m++) {
      const int64_t j = a_.map_tokens[m] - t;
      if (j >= 0 && j < keys) {
        memcpy(panel_map_scores + m * kBlock, scores + j * kBlock, kPanel * sizeof(float));
      }
    }
  }

  // Writes what is known of a block when all keys have been seen.
  double finish_block(int64_t b, int64_t h, int64_t n, int64_t end, int64_t block) {
    const int64_t rows = smaller(kBlock, end - n);
    const Running sums = running(block);
    double squares = 0;
    for (int64_t i = 0; i < rows; i++) {
      const double total = sums.total[i];
      if (a_.columns != nullptr && a_.T > 0) {
        const double exact_total = total + sums.chosen.lacking[i];
        squares += sums.chosen.squares[i] / (exact_total * exact_total);
      }
      if (a_.lse != nullptr) {
        a_.lse[(b * a_.H + h) * a_.N + n + i] = sums.largest[i] + log(total);
      }
    }
    for (int64_t i = 0; a_.T == 0 && i < kBlock; i++) {
      sums.total[i] = 1;  // of no keys, so that out is 0
    }
    for (int64_t m = 0; m < a_.map_count; m++) {
      add_to_map(m, b, h, n, rows, map_scores(block) + m * kBlock, sums);
    }
    if (a_.with_out) {
      write_block(out(block), layout_.width, rows, a_.d, row(a_.out, b, h, n), a_.out.stride_n,
                  [&](Vec sum, int64_t i) { return sum / load(sums.total + i); });
    }
    return squares;
  }

  void add_to_map(int64_t m, int64_t b, int64_t h, int64_t n, int64_t rows, float* scores, const Running& sums) {
    float* map = a_.maps + (b * a_.map_count + m) * a_.N + n;
    for (int64_t i = 0; i < kBlock; i += kLanes) {
      store(scores + i, exp(load(scores + i) - load(sums.largest + i)) / load(sums.total + i));
    }
    for (int64_t i = 0; i < rows; i++) {
      map[i] = (h == 0 ? 0 : map[i]) + scores[i] / static_cast<float>(a_.H);
    }
  }

  const AttentionForward<Element>& a_;
  const ForwardLayout<Unit>& layout_;
  float* scratch_;
};

template <typename Element, typename Unit>
int forward(const AttentionForward<Element>& a) {
  if (a.d > INT64_MAX / 4 || a.N > INT64_MAX / 4) {
    return LETHE_TOO_LARGE;
  }
  const int64_t chunk = smaller(kChunk, round_up(a.N, kBlock));
  const ForwardLayout<Unit> layout(a.d, a.columns != nullptr, a.map_count, one_tile(a.T) ? kBlock : chunk);
  const int64_t chunks = (a.N + chunk - 1) / chunk;
  const int64_t heads_of_task = a.map_count > 0 ? a.H : 1;
  const int64_t tasks = a.B * (a.H / heads_of_task) * chunks;
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
    const int64_t begin = task % chunks * chunk;
    const int64_t first_head = task / chunks * heads_of_task;  // of all batch items' heads
    ForwardTask<Element, Unit> work(a, layout, block.data + scratch + omp_get_thread_num() * layout.floats);
    squares[task] = 0;
    for (int64_t head = first_head; head < first_head + heads_of_task; head++) {
      squares[task] += work.run(head / a.H, head % a.H, begin, smaller(begin + chunk, a.N));
    }
  }

  if (a.sum_of_squares != nullptr) {
    double total = 0;
    for (int64_t task = 0; task < tasks; task++) {
      total += squares[task];
    }
    *a.sum_of_squares = total;
  }
  return LETHE_OK;
}

}  // namespace

int attention_forward(const AttentionForward<float>& a) { return forward<float, float>(a); }

int attention_forward(const AttentionForward<lethe_bf16>& a) { return forward<lethe_bf16, Bf16Unit>(a); }

}  // namespace LETHE_ISA
}  // namespace lethe
