// simplex_projection, compiled once per instruction set (LETHE_ISA). What it computes is in lethe_kernels.h.
//
// The threshold t of a row is the root of f(t) = sum of max(x - t, 0) - 1, which falls, is convex and piecewise linear.
// Newton's method from the left of the root never passes it and ends there: every step replaces t by the t that were right
// if exactly the elements above the old t were positive (Michelot 1986), and when no element drops out, t is the root.
// Each step divides f times the number of elements above t by four or more, so there are few: at most about 45 for rows of
// 50,000, and 6 to 10 after an optimiser's step. The root lies less than 1 below the largest element; that is the start.
//
// Elements are taken relative to the row's largest, in double: exact near it, however large it is.
//
// Parts. A row is cut into parts of kPart elements, whose sums are added in their order; parts are what threads take, so
// few long rows keep all threads busy, too. Below kOneThread elements waking threads costs more than they save.
//
// Memory: 16 bytes a part and 32 a row.
#include <math.h>
#include <stdint.h>

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

// Of a part: first its largest element and the number of NaNs, then the sum and number of elements above the threshold.
struct Partial {
  double value, count;
};

template <typename Element>
Partial largest(const Element* x, int64_t begin, int64_t end) {
  float largest = -INFINITY;
  int32_t nans = 0;
#pragma omp simd reduction(max : largest) reduction(+ : nans)
  for (int64_t i = begin; i < end; i++) {
    const float value = widen(x[i]);
    largest = value > largest ? value : largest;
    nans += value != value ? 1 : 0;
  }
  return {largest, static_cast<double>(nans)};
}

template <typename Element>
Partial above(const Element* x, int64_t begin, int64_t end, double largest, double threshold) {
  double sum = 0, count = 0;
#pragma omp simd reduction(+ : sum, count)
  for (int64_t i = begin; i < end; i++) {
    const double value = widen(x[i]) - largest;
    sum += value > threshold ? value : 0.0;
    count += value > threshold ? 1.0 : 0.0;
  }
  return {sum, count};
}

template <typename Element>
void write(const Element* x, int64_t begin, int64_t end, double largest, double threshold, Element* out) {
#pragma omp simd
  for (int64_t i = begin; i < end; i++) {
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
