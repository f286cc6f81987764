#include "simplex_projection_cases.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "bf16_memory.h"
#include "check.h"
#include "random.h"
#include "reference/simplex_projection.h"

namespace lethe::tests {
namespace {

constexpr double kCanary = -12345;

double value(Values values, Random& random, int64_t column, int64_t columns) {
  switch (values) {
    case Values::kNormal:
      return random.normal();
    case Values::kOutliers:
      return random.normal() * (random.uniform() < 0.02 ? 10 : 1);
    case Values::kAfterStep:
      return 1.0 / static_cast<double>(columns) + (random.uniform() < 0.5 ? -0.01 : 0.01) * random.uniform();
    case Values::kOneHot:
      return (column == columns / 3 ? 1 : 0) + 1e-3 * random.normal();
    case Values::kConstant:
      return 0.125;
    case Values::kHuge:
      return 1e30 * (1 + random.uniform());
    case Values::kSpaced:
      break;
  }
  return -std::ldexp(1.0, -static_cast<int>(column));
}

bool call(int status, const std::string& what) {
  return check(status == LETHE_OK, what + ": status " + std::to_string(status));
}

int run(const SimplexProjectionKernel& kernel, int64_t rows, int64_t columns, const float* x, int64_t x_stride,
        float* out, int64_t out_stride) {
  return kernel.f32(rows, columns, x, x_stride, out, out_stride);
}

int run(const SimplexProjectionKernel& kernel, int64_t rows, int64_t columns, const lethe_bf16* x, int64_t x_stride,
        lethe_bf16* out, int64_t out_stride) {
  return kernel.bf16(rows, columns, x, x_stride, out, out_stride);
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); i++) {
    sum += (a[i] - b[i]) * (a[i] - b[i]);
  }
  return std::sqrt(sum);
}

// Rows `stride` apart in memory full of canaries.
template <typename Element>
struct Memory {
  int64_t rows, columns, stride;
  std::vector<Element> elements;

  Memory(int64_t rows, int64_t columns, int64_t stride) : rows(rows), columns(columns), stride(stride) {
    Element canary;
    encode(kCanary, canary);
    elements.assign(rows * stride, canary);
  }

  std::vector<double> values() const {
    std::vector<double> values;
    for (int64_t i = 0; i < rows * stride; i++) {
      if (i % stride < columns) {
        values.push_back(decode(elements[i]));
      }
    }
    return values;
  }

  bool canaries_alive() const {
    Element canary;
    encode(kCanary, canary);
    for (int64_t i = 0; i < rows * stride; i++) {
      if (i % stride >= columns && elements[i] != canary) {
        return false;
      }
    }
    return true;
  }
};

template <typename Element>
void check_case(const std::string& name, const SimplexProjectionKernel& kernel, const SimplexProjectionCase& c) {
  Random random(static_cast<uint64_t>(c.rows + 31 * (c.columns + 31 * c.gap)));
  Memory<Element> x(c.rows, c.columns, c.columns + c.gap);
  for (int64_t row = 0; row < c.rows; row++) {
    for (int64_t column = 0; column < c.columns; column++) {
      encode(value(c.values, random, column, c.columns), x.elements[row * x.stride + column]);
    }
  }
  const std::vector<double> exact = reference::simplex_projection(c.rows, c.columns, x.values());

  const std::vector<double> inputs = x.values();
  const std::vector<float> floats(inputs.begin(), inputs.end());
  const std::vector<float> plain = reference::simplex_projection(c.rows, c.columns, floats);
  std::vector<double> rounded;
  for (float value : plain) {
    Element element;
    encode(value, element);
    rounded.push_back(decode(element));
  }

  Memory<Element> out(c.rows, c.columns, c.columns + 2 * c.gap);
  if (!call(run(kernel, c.rows, c.columns, x.elements.data(), x.stride, out.elements.data(), out.stride), name)) {
    return;
  }
  const double error = distance(out.values(), exact);
  const double allowed = 2 * distance(rounded, exact) +
                         kUnitRoundoff<Element> * distance(std::vector<double>(exact.size()), exact) + 1e-30;
  check(error <= allowed, name + ": error " + std::to_string(error) + ", allowed " + std::to_string(allowed));
  check(out.canaries_alive(), name + ": writes nothing beside the rows");

  const std::vector<double> projected = out.values();
  for (int64_t row = 0; row < c.rows; row++) {
    double sum = 0;
    for (int64_t column = 0; column < c.columns; column++) {
      sum += projected[row * c.columns + column];
    }
    check(std::fabs(sum - 1) <= kUnitRoundoff<Element>, name + ": sum " + std::to_string(sum));
  }

  call(run(kernel, c.rows, c.columns, x.elements.data(), x.stride, x.elements.data(), x.stride), name + " in place");
  check(x.values() == projected, name + ": in place the same");
}

}  // namespace

void check_simplex_projection(const char* name, const SimplexProjectionKernel& kernel, int64_t max_columns) {
  for (SimplexProjectionCase c : kSimplexProjectionCases) {
    c.columns = std::min(c.columns, max_columns);
    const std::string what = std::string(name) + " [" + std::to_string(c.rows) + ", " + std::to_string(c.columns) +
                             "] of kind " + std::to_string(static_cast<int>(c.values));
    check_case<float>(what + " f32", kernel, c);
    check_case<lethe_bf16>(what + " bf16", kernel, c);
  }
}

}  // namespace lethe::tests
