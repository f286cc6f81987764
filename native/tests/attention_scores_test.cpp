#include "reference/attention_scores.h"

#include <omp.h>

#include <cfloat>
#include <cmath>
#include <limits>
#include <string>

#include "attention_scores_cases.h"
#include "check.h"
#include "lethe_kernels.h"
#include "random.h"
#include "strided.h"

namespace lethe::tests {
namespace {

constexpr int64_t kHuge = int64_t{1} << 62;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// A small problem whose arguments the tests below spoil one at a time.
struct Arguments {
  int64_t B = 1, H = 2, N = 3, T = 5, d = 4;
  double scale = 0.5;
  std::vector<float> memory = std::vector<float>(64, 0.25f);
  std::vector<float> written = std::vector<float>(64);
  std::vector<float> more_written = std::vector<float>(64);
  std::vector<float> still_more_written = std::vector<float>(64);
  std::vector<float> lse_memory = std::vector<float>(6);
  std::vector<uint8_t> columns = {1, 0, 1, 0, 0};
  std::vector<int64_t> q_strides = {24, 12, 4, 1};
  std::vector<int64_t> k_strides = {40, 20, 4, 1};
  std::vector<int64_t> v_strides = {40, 20, 4, 1};
  std::vector<int64_t> out_strides = {24, 12, 4, 1};
  const float* q = memory.data();
  const float* k = memory.data();
  const float* v = memory.data();
  float* out = written.data();
  float* dk = more_written.data();
  float* dv = still_more_written.data();
  float* lse = lse_memory.data();
  double sum_of_squares = -1;
  double* sum = &sum_of_squares;

  int forward() {
    return lethe_attention_scores_forward_f32(B, H, N, T, d, q, q_strides.data(), k, k_strides.data(), v,
                                              v_strides.data(), scale, columns.data(), out, out_strides.data(), lse,
                                              sum);
  }

  // dq is written to `out`; d_out reads what q does.
  int backward() {
    const float* d_out = v == nullptr ? nullptr : q;
    return lethe_attention_scores_backward_f32(
        B, H, N, T, d, q, q_strides.data(), k, k_strides.data(), v, v_strides.data(), scale, columns.data(), lse, d_out,
        q_strides.data(), 1.0, out, out_strides.data(), dk, k_strides.data(), dv, k_strides.data());
  }
};

// The status of both directions after `spoil`.
template <typename Spoil>
void refuses(const char* what, int status, Spoil spoil) {
  Arguments arguments;
  spoil(arguments);
  check(arguments.forward() == status, std::string("forward refuses ") + what);
  check(arguments.backward() == status, std::string("backward refuses ") + what);
}

void refuses_bad_arguments() {
  Arguments good;
  check(good.forward() == LETHE_OK && good.backward() == LETHE_OK, "unspoilt arguments pass");

  refuses("a negative size", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.N = -1; });
  refuses("a missing q", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.q = nullptr; });
  refuses("a missing k", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.k = nullptr; });
  refuses("a missing v", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.v = nullptr; });
  refuses("a NaN scale", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.scale = kNaN; });
  refuses("a scale beyond floats", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.scale = 2.0 * FLT_MAX; });
  refuses("strided channels of q", LETHE_UNSUPPORTED, [](Arguments& a) { a.q_strides[3] = 2; });
  refuses("strided channels of v", LETHE_UNSUPPORTED, [](Arguments& a) { a.v_strides[3] = 0; });
  refuses("a negative stride", LETHE_UNSUPPORTED, [](Arguments& a) { a.k_strides[1] = -20; });
  refuses("overlapping output rows", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.out_strides[2] = 3; });
  refuses("overlapping output heads", LETHE_BAD_ARGUMENT, [](Arguments& a) { a.out_strides[1] = 0; });
  refuses("sizes whose product overflows", LETHE_TOO_LARGE, [](Arguments& a) { a.B = a.H = int64_t{1} << 32; });
  refuses("strides that overflow", LETHE_TOO_LARGE, [](Arguments& a) { a.q_strides[1] = kHuge; });
  refuses("strides whose bytes overflow", LETHE_TOO_LARGE, [](Arguments& a) { a.k_strides[2] = kHuge / 8; });
  refuses("one huge size", LETHE_TOO_LARGE, [](Arguments& a) { a.T = INT64_MAX; });
  // No elements in k and v, so only the workspace is too large.
  refuses("a workspace beyond 63 bits", LETHE_TOO_LARGE, [](Arguments& a) {
    a.d = 0;
    a.T = int64_t{1} << 59;
    a.N = 1;
  });

  Arguments no_sum;
  no_sum.sum = nullptr;
  check(no_sum.forward() == LETHE_BAD_ARGUMENT, "forward refuses a missing sum");
  Arguments no_out;
  no_out.out = nullptr;
  check(no_out.forward() == LETHE_BAD_ARGUMENT, "forward refuses v without out");
  Arguments no_lse;
  no_lse.lse = nullptr;
  check(no_lse.forward() == LETHE_BAD_ARGUMENT, "forward needs lse");
  check(no_lse.backward() == LETHE_BAD_ARGUMENT, "backward needs lse");
  Arguments no_dv;
  no_dv.dv = nullptr;
  check(no_dv.backward() == LETHE_BAD_ARGUMENT, "backward refuses v without dv");

  Arguments endless;
  endless.q = endless.k = endless.v = endless.lse = endless.out = nullptr;
  endless.d = 0;
  endless.N = int64_t{1} << 33;
  check(endless.forward() == LETHE_BAD_ARGUMENT, "forward refuses rows that nothing bounds");

  Arguments no_memory;
  no_memory.d = 0;
  no_memory.N = no_memory.H = 1;
  no_memory.T = int64_t{1} << 44;
  check(no_memory.forward() == LETHE_OUT_OF_MEMORY, "forward reports a lack of memory");

  check(std::string(lethe_status_string(LETHE_TOO_LARGE)) == "sizes too large to address", "statuses have phrases");
  check(std::string(lethe_status_string(-99)) == "unknown status", "unknown statuses too");
}

void handles_empty_tensors() {
  for (int64_t Arguments::* size : {&Arguments::B, &Arguments::H, &Arguments::N}) {
    Arguments a;
    a.*size = 0;
    check(a.forward() == LETHE_OK && a.sum_of_squares == 0, "no rows: no sum");
    check(a.backward() == LETHE_OK, "no rows: backward");
  }
  Arguments huge_but_empty;
  huge_but_empty.B = huge_but_empty.H = kHuge;
  huge_but_empty.N = huge_but_empty.T = 0;
  check(huge_but_empty.forward() == LETHE_OK && huge_but_empty.backward() == LETHE_OK, "empty however many heads");

  Arguments no_rows;
  no_rows.N = 0;
  no_rows.q = nullptr;
  no_rows.more_written.assign(64, 1);
  no_rows.dk = no_rows.more_written.data();
  check(no_rows.backward() == LETHE_OK && no_rows.dk[0] == 0 && no_rows.dk[39] == 0 && no_rows.dk[40] == 1 &&
            no_rows.dv[0] == 0,
        "no rows: dk and dv are 0");

  Arguments no_tokens;
  no_tokens.T = 0;
  no_tokens.out[23] = 1;
  check(no_tokens.forward() == LETHE_OK && no_tokens.sum_of_squares == 0 && no_tokens.out[23] == 0 &&
            no_tokens.lse[5] == -INFINITY,
        "no tokens: out is 0 and lse -infinity");
  no_tokens.out[23] = 1;
  check(no_tokens.backward() == LETHE_OK && no_tokens.out[23] == 0, "no tokens: dq is 0");

  Arguments no_channels;
  no_channels.d = 0;
  no_channels.q = no_channels.k = no_channels.v = nullptr;
  no_channels.out = nullptr;
  check(no_channels.forward() == LETHE_OK && std::fabs(no_channels.sum_of_squares - 6 * 2 / 25.0) < 1e-6,
        "no channels: attention is uniform");
  check(no_channels.backward() == LETHE_OK, "no channels: backward");
}

void passes_on_what_is_not_a_number() {
  for (float poison : {kNaN, INFINITY}) {
    Arguments a;
    std::vector<float> q(24, 0.5f);
    q[4] = poison;  // the second of six rows
    a.q = q.data();
    check(a.forward() == LETHE_OK && std::isnan(a.sum_of_squares), "a poisoned row poisons the sum");
    check(std::isnan(a.out[4]) && std::isfinite(a.out[0]) && std::isfinite(a.out[8]), "a poisoned row is alone");
    check(a.backward() == LETHE_OK && std::isnan(a.out[4]) && std::isfinite(a.out[0]), "backward too");
    check(std::isnan(a.dk[0]) && std::isfinite(a.dk[20]), "a poisoned row poisons its head's dk");
  }
}

void is_stable_for_large_scores() {
  Arguments a;
  std::vector<float> q(24, 300.0f), k(40, 0.0f);
  k[0] = 300;    // head 0, token 0: score 0.5 * 300 * 300 = 45000, the rest 0
  k[20] = -300;  // head 1, token 0: -45000
  a.q = q.data();
  a.k = k.data();
  a.columns = {1, 1, 1, 1, 1};
  check(a.forward() == LETHE_OK && std::fabs(a.sum_of_squares - (3 * 1 + 3 * 0.25)) < 1e-6,
        "large scores do not overflow");
  check(a.lse[0] == 45000.0f && std::fabs(a.lse[3] - std::log(4.0f)) < 1e-6f, "large scores have a log-sum-exp");
}

template <typename Value>
bool same_bits(const std::vector<Value>& a, const std::vector<Value>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(Value)) == 0;
}

void does_not_depend_on_the_number_of_threads() {
  constexpr int64_t B = 2, H = 3, N = 1111, T = 77, d = 40;
  Random random(11);
  Strided q(Layout::kProjection, B, H, N, d), k(Layout::kProjection, B, H, T, d), v(Layout::kProjection, B, H, T, d),
      d_out(Layout::kProjection, B, H, N, d);
  q.fill(random.tensor(B * H * N * d, true));
  k.fill(random.tensor(B * H * T * d, true));
  v.fill(random.tensor(B * H * T * d, true));
  d_out.fill(random.tensor(B * H * N * d, true));
  std::vector<uint8_t> columns(B * T, 1);
  const int default_threads = omp_get_max_threads();
  std::vector<float> first;
  for (int threads : {1, 2, 4, 7}) {
    omp_set_num_threads(threads);
    Strided out = q, dq = q, dk = k, dv = v;
    std::vector<float> lse(B * H * N);
    double sum = 0;
    check(lethe_attention_scores_forward_f32(B, H, N, T, d, q.data(), q.strides(), k.data(), k.strides(), v.data(),
                                             v.strides(), 0.2, columns.data(), out.data(), out.strides(), lse.data(),
                                             &sum) == LETHE_OK &&
              lethe_attention_scores_backward_f32(B, H, N, T, d, q.data(), q.strides(), k.data(), k.strides(), v.data(),
                                                  v.strides(), 0.2, columns.data(), lse.data(), d_out.data(),
                                                  d_out.strides(), 0.5, dq.data(), dq.strides(), dk.data(),
                                                  dk.strides(), dv.data(), dv.strides()) == LETHE_OK,
          "runs with " + std::to_string(threads) + " threads");
    std::vector<float> all(2);
    std::memcpy(all.data(), &sum, sizeof(sum));
    for (const std::vector<float>& part : {lse, out.values(), dq.values(), dk.values(), dv.values()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    if (first.empty()) {
      first = all;
    }
    check(same_bits(all, first), "the same bits with " + std::to_string(threads) + " threads");
  }
  omp_set_num_threads(default_threads);
}

// The reference itself: its gradients are the slopes of its loss.
void reference_gradients_are_slopes() {
  using Exact = reference::AttentionScores<double>;
  constexpr double kStep = 1e-5;
  Random random(5);
  Exact a{2, 2, 3, 5, 4, 0.5, random.tensor(48, false), random.tensor(80, false), random.tensor(80, false), {}};
  a.columns = {1, 0, 1, 0, 0, 0, 1, 1, 0, 1};
  const std::vector<double> d_out = random.tensor(48, false);
  constexpr double kWeight = 3;
  const auto loss = [&] {
    const Exact::Result result = a.forward();
    double total = kWeight * result.sum_of_squares;
    for (size_t i = 0; i < d_out.size(); i++) {
      total += d_out[i] * result.out[i];
    }
    return total;
  };
  const Exact::Gradient gradient = a.backward(d_out, kWeight);
  const auto check_slopes = [&](const char* name, std::vector<double>& values, const std::vector<double>& slopes) {
    for (size_t i = 0; i < values.size(); i++) {
      const double value = values[i];
      values[i] = value + kStep;
      const double above = loss();
      values[i] = value - kStep;
      const double below = loss();
      values[i] = value;
      check(std::fabs((above - below) / (2 * kStep) - slopes[i]) < 1e-8,
            std::string("slope of ") + name + "[" + std::to_string(i) + "]");
    }
  };
  check_slopes("q", a.q, gradient.dq);
  check_slopes("k", a.k, gradient.dk);
  check_slopes("v", a.v, gradient.dv);
}

}  // namespace
}  // namespace lethe::tests

int main() {
  using namespace lethe::tests;
  reference_gradients_are_slopes();
  check_attention_scores(lethe_cpu_isa(), {lethe_attention_scores_forward_f32, lethe_attention_scores_backward_f32});
  does_not_depend_on_the_number_of_threads();
  is_stable_for_large_scores();
  passes_on_what_is_not_a_number();
  handles_empty_tensors();
  refuses_bad_arguments();
  return summary((std::string("attention_scores, ") + lethe_cpu_isa()).c_str());
}
