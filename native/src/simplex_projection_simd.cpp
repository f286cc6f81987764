// simplex_projection, compiled once per instruction set (LETHE_ISA). What it computes is in lethe_kernels.h.
//
// The threshold t of a row is the root of f(t) = sum of max(x - t, 0) - 1, which falls, is convex and piecewise linear.
// Newton's method from the left of the root never passes it and ends there: every step replaces t by the t that were
// right if exactly the elements above the old t were positive (Michelot 1986), and when no element drops out, t is the
// root. Each step divides f times the number of elements above t by four or more, so there are few: at most about 45
// for rows of 50,000, and 5 for the benchmark's. The root lies less than 1 below the largest element; that is the
// start.
//
// Elements are taken relative to the row's largest, in double: exact near it, however large it is.
//
// Parts. A row is cut into parts of kPart elements, whose sums are added in their order; parts are what threads take,
// so few long rows keep all threads busy, too. Below kOneThread elements waking threads costs more than they save.
//
// Memory: 16 bytes a part and 32 a row.
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "bf16.h"
#include "simplex_projection.h"
#include "workspace.h"

namespace lethe {
namespace LETHE_ISA {
namespace {

constexpr int64_t kPart = 4096;
constexpr int64_t kOneThread = 1 << 14;

int64_t parts_of(int64_t columns) { return columns / kPart + (columns % kPart != 0); }

// Calls body(task, row, begin, end) for every part [begin, end) of every row.
template <typename Body>
void for_each_part(int64_t rows, int64_t columns, const Body& body) {
  const int64_t parts = parts_of(columns);
#pragma omp parallel for schedule(static) if (rows * columns > kOneThread)
  for (int64_t task = 0; task < rows * parts; task++) {
    const int64_t begin = task % parts * kPart;
    body(task, task / parts, begin, columns - begin < kPart ? columns : begin + kPart);
  }
}

// Of a part: first its largest element and whether a NaN (not 0), then the sum and number of elements above the
// threshold.
struct Partial {
  double value, count;
};

#if defined(__AVX512F__)
constexpr int kDoubles = 8;
#elif defined(__AVX2__)
constexpr int kDoubles = 4;
#else
constexpr int kDoubles = 2;
#endif

typedef double Doubles __attribute__((vector_size(8 * kDoubles)));
typedef int64_t Mask __attribute__((vector_size(8 * kDoubles)));
typedef float Floats __attribute__((vector_size(4 * kDoubles)));
typedef uint32_t Words __attribute__((vector_size(4 * kDoubles)));
typedef lethe_bf16 Halves __attribute__((vector_size(2 * kDoubles)));

Doubles load(const float* p) {
  Floats floats;
  memcpy(&floats, p, sizeof(floats));
  return __builtin_convertvector(floats, Doubles);
}

Doubles load(const lethe_bf16* p) {
  Halves halves;
  memcpy(&halves, p, sizeof(halves));
  const Words bits = __builtin_convertvector(halves, Words) << 16;
  return __builtin_convertvector(reinterpret_cast<Floats>(bits), Doubles);
}

template <typename Element>
Partial largest(const Element* x, int64_t begin, int64_t end) {
  Doubles lanes = Doubles{} - INFINITY;
  Mask nan_lanes = {};
  int64_t i = begin;
  for (; i + kDoubles <= end; i += kDoubles) {
    const Doubles values = load(x + i);
    lanes = values > lanes ? values : lanes;
    nan_lanes |= values != values;
  }
  Partial partial = {-INFINITY, 0};
  for (int lane = 0; lane < kDoubles; lane++) {
    partial.value = lanes[lane] > partial.value ? lanes[lane] : partial.value;
    partial.count += nan_lanes[lane] != 0 ? 1 : 0;
  }
  for (; i < end; i++) {
    const double value = widen(x[i]);
    partial.value = value > partial.value ? value : partial.value;
    partial.count += value != value ? 1 : 0;
  }
  return partial;
}

template <typename Element>
Partial above(const Element* x, int64_t begin, int64_t end, double largest, double threshold) {
  constexpr int kChains = 2;  // sums that do not wait for each other
  Doubles sums[kChains] = {};
  Mask counts[kChains] = {};
  int64_t i = begin;
  for (; i + kChains * kDoubles <= end; i += kChains * kDoubles) {
    for (int chain = 0; chain < kChains; chain++) {
      const Doubles values = load(x + i + chain * kDoubles) - largest;
      const Mask chosen = values > threshold;
      sums[chain] += reinterpret_cast<Doubles>(reinterpret_cast<Mask>(values) & chosen);
      counts[chain] -= chosen;
    }
  }
  Partial partial = {0, 0};
  for (int lane = 0; lane < kDoubles; lane++) {
    partial.value += sums[0][lane] + sums[1][lane];
    partial.count += static_cast<double>(counts[0][lane] + counts[1][lane]);
  }
  for (; i < end; i++) {
    const double value = widen(x[i]) - largest;
    partial.value += value > threshold ? value : 0;
    partial.count += value > threshold ? 1 : 0;
  }
  return partial;
}

void store(float* p, Doubles values) {
  const Floats floats = __builtin_convertvector(values, Floats);
  memcpy(p, &floats, sizeof(floats));
}

// As `narrow` of bf16.h, for numbers that are not NaN.
void store(lethe_bf16* p, Doubles values) {
  const Words bits = reinterpret_cast<Words>(__builtin_convertvector(values, Floats));
  const Halves halves = __builtin_convertvector((bits + 0x7fff + (bits >> 16 & 1)) >> 16, Halves);
  memcpy(p, &halves, sizeof(halves));
}

template <typename Element>
void write(const Element* x, int64_t begin, int64_t end, double largest, double threshold, Element* out) {
  int64_t i = begin;
  for (; largest == largest && i + kDoubles <= end; i += kDoubles) {
    const Doubles values = load(x + i) - largest - threshold;
    store(out + i, values < 0 ? Doubles{} : values);
  }
  for (; i < end; i++) {
    const double value = widen(x[i]) - largest - threshold;
    narrow(static_cast<float>(value < 0 ? 0.0 : value), out[i]);
  }
}

struct Row {
  double largest;    // NaN where the row has no projection
  double threshold;  // relative to `largest`
  double count;      // elements above the threshold before this one
  bool done;
};

Row start(const Partial* parts, int64_t count) {
  double largest = -INFINITY, nans = 0;
  for (int64_t i = 0; i < count; i++) {
    largest = parts[i].value > largest ? parts[i].value : largest;
    nans += parts[i].count;
  }
  const bool projectable = nans == 0 && largest - largest == 0;
  return {projectable ? largest : static_cast<double>(NAN), -1, INFINITY, !projectable};
}

void step(const Partial* parts, int64_t count, Row& row) {
  double sum = 0, above = 0;
  for (int64_t i = 0; i < count; i++) {
    sum += parts[i].value;
    above += parts[i].count;
  }
  row.done = above >= row.count;
  if (!row.done) {
    row.threshold = (sum - 1) / above;
    row.count = above;
  }
}

template <typename Element>
int project(const SimplexProjection<Element>& a) {
  const int64_t parts = parts_of(a.columns);
  Layout layout;
  const int64_t rows_at = layout.add(a.rows, sizeof(Row) / sizeof(float));
  const int64_t partials_at = layout.add(a.rows * parts, sizeof(Partial) / sizeof(float));
  if (layout.overflowed) {
    return LETHE_TOO_LARGE;
  }
  Block block(layout.floats);
  if (block.data == nullptr) {
    return LETHE_OUT_OF_MEMORY;
  }
  Row* rows = reinterpret_cast<Row*>(block.data + rows_at);
  Partial* partials = reinterpret_cast<Partial*>(block.data + partials_at);

  for_each_part(a.rows, a.columns, [&](int64_t task, int64_t row, int64_t begin, int64_t end) {
    partials[task] = largest(a.x + row * a.x_stride, begin, end);
  });
  bool done = true;
  for (int64_t row = 0; row < a.rows; row++) {
    rows[row] = start(partials + row * parts, parts);
    done = done && rows[row].done;
  }
  while (!done) {
    for_each_part(a.rows, a.columns, [&](int64_t task, int64_t row, int64_t begin, int64_t end) {
      if (!rows[row].done) {
        partials[task] = above(a.x + row * a.x_stride, begin, end, rows[row].largest, rows[row].threshold);
      }
    });
    done = true;
    for (int64_t row = 0; row < a.rows; row++) {
      if (!rows[row].done) {
        step(partials + row * parts, parts, rows[row]);
      }
      done = done && rows[row].done;
    }
  }
  for_each_part(a.rows, a.columns, [&](int64_t, int64_t row, int64_t begin, int64_t end) {
    write(a.x + row * a.x_stride, begin, end, rows[row].largest, rows[row].threshold, a.out + row * a.out_stride);
  });
  return LETHE_OK;
}

}  // namespace

int simplex_projection(const SimplexProjection<float>& a) { return project(a); }

int simplex_projection(const SimplexProjection<lethe_bf16>& a) { return project(a); }

}  // namespace LETHE_ISA
}  // namespace lethe
