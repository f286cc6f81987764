#include <omp.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "bf16_memory.h"
#include "check.h"
#include "lethe_kernels.h"
#include "random.h"
#include "reference/simplex_projection.h"
#include "simplex_projection_cases.h"

namespace lethe::tests {
namespace {

constexpr int64_t kHuge = int64_t{1} << 62;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// The statuses must not depend on the type.
void refuses(const char* what, int status, int64_t rows, int64_t columns, bool with_x, int64_t x_stride, bool with_out,
             int64_t out_stride, bool in_place = false) {
  std::vector<float> x(64, 0.5f), out(64);
  std::vector<lethe_bf16> x16(64), out16(64);
  float* target = in_place ? x.data() : out.data();
  lethe_bf16* target16 = in_place ? x16.data() : out16.data();
  check(lethe_simplex_projection_f32(rows, columns, with_x ? x.data() : nullptr, x_stride,
                                     with_out ? target : nullptr, out_stride) == status,
        std::string("f32: ") + what);
  check(lethe_simplex_projection_bf16(rows, columns, with_x ? x16.data() : nullptr, x_stride,
                                      with_out ? target16 : nullptr, out_stride) == status,
        std::string("bf16: ") + what);
}

void refuses_bad_arguments() {
  refuses("unspoilt arguments pass", LETHE_OK, 3, 5, true, 5, true, 5);
  refuses("rows may be read twice", LETHE_OK, 3, 5, true, 0, true, 5);
  refuses("in place passes", LETHE_OK, 3, 5, true, 6, true, 6, true);
  refuses("no rows", LETHE_OK, 0, kHuge, false, 5, false, 5);
  refuses("no columns", LETHE_OK, kHuge, 0, false, 5, false, 5);
  refuses("a negative size", LETHE_BAD_ARGUMENT, -1, 5, true, 5, true, 5);
  refuses("a negative width", LETHE_BAD_ARGUMENT, 3, -5, true, 5, true, 5);
  refuses("a missing x", LETHE_BAD_ARGUMENT, 3, 5, false, 5, true, 5);
  refuses("a missing out", LETHE_BAD_ARGUMENT, 3, 5, true, 5, false, 5);
  refuses("a negative stride", LETHE_UNSUPPORTED, 3, 5, true, -5, true, 5);
  refuses("overlapping output rows", LETHE_BAD_ARGUMENT, 3, 5, true, 5, true, 4);
  refuses("in place with another stride", LETHE_BAD_ARGUMENT, 3, 5, true, 5, true, 6, true);
  refuses("sizes whose product overflows", LETHE_TOO_LARGE, int64_t{1} << 32, int64_t{1} << 32, true, 5, true, 5);
  refuses("one huge size", LETHE_TOO_LARGE, 1, INT64_MAX, true, 5, true, 5);
  refuses("strides that overflow", LETHE_TOO_LARGE, 3, 5, true, kHuge, true, 5);
}

// A row without a projection becomes NaN; its neighbours do not notice.
void passes_on_what_is_not_a_number() {
  constexpr int64_t kColumns = 5000;
  for (float poison : {kNaN, INFINITY}) {
    std::vector<float> x(3 * kColumns, 0.25f), out(3 * kColumns);
    x[2 * kColumns - 1] = poison;
    check(lethe_simplex_projection_f32(3, kColumns, x.data(), kColumns, out.data(), kColumns) == LETHE_OK, "poisoned");
    bool all_nan = true;
    for (int64_t i = kColumns; i < 2 * kColumns; i++) {
      all_nan = all_nan && std::isnan(out[i]);
    }
    check(all_nan, "a poisoned row is NaN");
    check(std::fabs(out[0] - 1.0f / kColumns) < 1e-10f && out[0] == out[3 * kColumns - 1],
          "a poisoned row is alone");
  }
  std::vector<lethe_bf16> narrow(4);
  encode(kNaN, narrow[2]);
  check(lethe_simplex_projection_bf16(1, 4, narrow.data(), 4, narrow.data(), 4) == LETHE_OK &&
            std::isnan(decode(narrow[0])),
        "a poisoned row of bf16 is NaN");
  std::vector<float> nothing(3, -INFINITY);
  check(lethe_simplex_projection_f32(1, 3, nothing.data(), 3, nothing.data(), 3) == LETHE_OK &&
            std::isnan(nothing[1]),
        "a row of -infinity is NaN");
  std::vector<float> masked = {0.5f, -INFINITY, 0.5f};
  check(lethe_simplex_projection_f32(1, 3, masked.data(), 3, masked.data(), 3) == LETHE_OK && masked[0] == 0.5f &&
            masked[1] == 0,
        "-infinity takes no part");
}

void is_exact() {
  std::vector<float> x = {0.5f, 0.25f, 0.25f, 0, 2, 1, -1, 0, 3e38f, 3e38f, -3e38f, 0};
  check(lethe_simplex_projection_f32(3, 4, x.data(), 4, x.data(), 4) == LETHE_OK, "three rows");
  check(x == std::vector<float>({0.5f, 0.25f, 0.25f, 0, 1, 0, 0, 0, 0.5f, 0.5f, 0, 0}), "a simplex's own point stays");
}

void does_not_depend_on_the_number_of_threads() {
  constexpr int64_t kRows = 5, kColumns = 49408;
  Random random(3);
  std::vector<float> x;
  for (double value : random.tensor(kRows * kColumns, true)) {
    x.push_back(static_cast<float>(0.01 * value));
  }
  const int default_threads = omp_get_max_threads();
  std::vector<float> first;
  for (int threads : {1, 2, 4, 7}) {
    omp_set_num_threads(threads);
    std::vector<float> out(x.size());
    check(lethe_simplex_projection_f32(kRows, kColumns, x.data(), kColumns, out.data(), kColumns) == LETHE_OK,
          "runs with " + std::to_string(threads) + " threads");
    if (first.empty()) {
      first = out;
    }
    check(std::memcmp(out.data(), first.data(), out.size() * sizeof(float)) == 0,
          "the same bits with " + std::to_string(threads) + " threads");
  }
  omp_set_num_threads(default_threads);
}

// The reference itself: no point of the simplex is nearer, which holds where moving mass between any two elements of
// the result does not help.
void reference_is_the_nearest_point() {
  Random random(9);
  constexpr int64_t kColumns = 6;
  for (int trial = 0; trial < 50; trial++) {
    const std::vector<double> x = random.tensor(kColumns, true);
    const std::vector<double> p = reference::simplex_projection(1, kColumns, x);
    double sum = 0;
    for (int64_t i = 0; i < kColumns; i++) {
      sum += p[i];
      for (int64_t j = 0; j < kColumns; j++) {
        // Moving from i to j changes the squared distance by 2 ((p_j - x_j) - (p_i - x_i)) to first order.
        check(p[i] == 0 || (p[j] - x[j]) - (p[i] - x[i]) >= -1e-12, "the reference cannot be improved");
      }
    }
    check(std::fabs(sum - 1) < 1e-12, "the reference sums to 1");
  }
}

}  // namespace
}  // namespace lethe::tests

int main() {
  using namespace lethe::tests;
  reference_is_the_nearest_point();
  check_simplex_projection(lethe_cpu_isa(), {lethe_simplex_projection_f32, lethe_simplex_projection_bf16});
  is_exact();
  does_not_depend_on_the_number_of_threads();
  passes_on_what_is_not_a_number();
  refuses_bad_arguments();
  return summary((std::string("simplex_projection, ") + lethe_cpu_isa()).c_str());
}
