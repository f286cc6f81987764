// What the tests of flash_attention and attention_scores share: the shape of a case, its random tensors, and how far a
// kernel may be off.
#ifndef LETHE_TESTS_ATTENTION_PROBLEM_H_
#define LETHE_TESTS_ATTENTION_PROBLEM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "element.h"
#include "reference/attention.h"
#include "strided.h"

namespace lethe::tests {

struct AttentionCase {
  int64_t B, H, N, T, d;
  Layout layout;
  bool outliers;
  bool causal = false;

  std::string name() const;
};

// The tensors of a case, which Element holds exactly: to be computed exactly, and plainly, in float loops that round
// where composed operations on tensors of Element would.
template <typename Element>
struct AttentionProblem {
  reference::Attention<double> exact;
  reference::Attention<float> plain;
  std::vector<double> d_out;  // [B, H, N, d]

  // map_count tokens get maps and, where with_columns, about a third of all columns are chosen.
  AttentionProblem(const AttentionCase& c, bool with_columns, int64_t map_count);
};

std::vector<float> to_float(const std::vector<double>& values);

// The root of the sum of squares.
double norm(const std::vector<double>& values);

// Checks that the error of `ours` is at most twice that of `plain` and a few roundings of numbers of size `terms`:
// where `plain` happens to be exact, ours need not be.
void check_error(const std::string& what, const std::vector<float>& ours, const std::vector<float>& plain,
                 const std::vector<double>& exact, double terms);

// The same where the result is a sum without cancellation.
void check_error(const std::string& what, const std::vector<float>& ours, const std::vector<float>& plain,
                 const std::vector<double>& exact);

extern template struct AttentionProblem<float>;
extern template struct AttentionProblem<lethe_bf16>;

}  // namespace lethe::tests

#endif  // LETHE_TESTS_ATTENTION_PROBLEM_H_
