#include <omp.h>

#include <cfloat>
#include <cmath>
#include <limits>
#include <string>

#include "attention_scores_cases.h"
#include "check.h"
#include "lethe_kernels.h"
#include "random.h"
#include "reference/attention.h"
#include "strided.h"

namespace lethe::tests {
namespace {

constexpr int64_t kHuge = int64_t{1} << 62;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

constexpr AttentionScoresKernel<float> kF32 = {lethe_attention_scores_forward_f32,
                                               lethe_attention_scores_backward_f32};
constexpr AttentionScoresKernel<lethe_bf16> kBf16 = {lethe_attention_scores_forward_bf16,
                                                     lethe_attention_scores_backward_bf16};

template <typename Element>
constexpr const AttentionScoresKernel<Element>& kernel() {
  if constexpr (kIsBf16<Element>) {
    return kBf16;
  } else {
    return kF32;
  }
}

// A small problem whose arguments the tests below spoil one at a time.
template <typename Element>
struct Arguments {
  int64_t B = 1, H = 2, N = 3, T = 5, d = 4;
  double scale = 0.5;
  std::vector<Element> memory = std::vector<Element>(64, to_element<Element>(0.25));
  std::vector<Element> written = std::vector<Element>(64);
  std::vector<Element> more_written = std::vector<Element>(64);
  std::vector<Element> still_more_written = std::vector<Element>(64);
  std::vector<double> lse_memory = std::vector<double>(6);
  std::vector<uint8_t> columns = {1, 0, 1, 0, 0};
  std::vector<int64_t> q_strides = {24, 12, 4, 1};
  std::vector<int64_t> k_strides = {40, 20, 4, 1};
  std::vector<int64_t> v_strides = {40, 20, 4, 1};
  std::vector<int64_t> out_strides = {24, 12, 4, 1};
  const Element* q = memory.data();
  const Element* k = memory.data();
  const Element* v = memory.data();
  Element* out = written.data();
  Element* dk = more_written.data();
  Element* dv = still_more_written.data();
  double* lse = lse_memory.data();
  double sum_of_squares = -1;
  double* sum = &sum_of_squares;
  int64_t map_count = 2;
  std::vector<int64_t> map_tokens = {4, 0};
  std::vector<float> maps_memory = std::vector<float>(6);
  float* maps = maps_memory.data();

  int forward() {
    return kernel<Element>().forward(B, H, N, T, d, q, q_strides.data(), k, k_strides.data(), v, v_strides.data(),
                                     scale, columns.data(), out, out_strides.data(), lse, sum, map_count,
                                     map_tokens.data(), maps);
  }

  int backward() { return backward(v == nullptr ? nullptr : q); }

  // dq is written to `out`; d_out reads what q does.
  int backward(const Element* forward_out) {
    const Element* d_out = v == nullptr ? nullptr : q;
    return kernel<Element>().backward(B, H, N, T, d, q, q_strides.data(), k, k_strides.data(), v, v_strides.data(),
                                      scale, columns.data(), forward_out, q_strides.data(), lse, d_out,
                                      q_strides.data(), 1.0, out, out_strides.data(), dk, k_strides.data(), dv,
                                      k_strides.data());
  }
};

// The status of both directions after `spoil`.
template <typename Element, typename Spoil>
void refuses(const char* what, int status, Spoil spoil) {
  Arguments<Element> arguments;
  spoil(arguments);
  check(arguments.forward() == status, std::string("forward refuses ") + what);
  check(arguments.backward() == status, std::string("backward refuses ") + what);
}

template <typename Element>
void refuses_bad_arguments() {
  Arguments<Element> good;
  check(good.forward() == LETHE_OK && good.backward() == LETHE_OK, "unspoilt arguments pass");

  refuses<Element>("a negative size", LETHE_BAD_ARGUMENT, [](auto& a) { a.N = -1; });
  refuses<Element>("a missing q", LETHE_BAD_ARGUMENT, [](auto& a) { a.q = nullptr; });
  refuses<Element>("a missing k", LETHE_BAD_ARGUMENT, [](auto& a) { a.k = nullptr; });
  refuses<Element>("a missing v", LETHE_BAD_ARGUMENT, [](auto& a) { a.v = nullptr; });
  refuses<Element>("a NaN scale", LETHE_BAD_ARGUMENT, [](auto& a) { a.scale = kNaN; });
  refuses<Element>("a scale beyond floats", LETHE_BAD_ARGUMENT, [](auto& a) { a.scale = 2.0 * FLT_MAX; });
  refuses<Element>("strided channels of q", LETHE_UNSUPPORTED, [](auto& a) { a.q_strides[3] = 2; });
  refuses<Element>("strided channels of v", LETHE_UNSUPPORTED, [](auto& a) { a.v_strides[3] = 0; });
  refuses<Element>("a negative stride", LETHE_UNSUPPORTED, [](auto& a) { a.k_strides[1] = -20; });
  refuses<Element>("overlapping output rows", LETHE_BAD_ARGUMENT, [](auto& a) { a.out_strides[2] = 3; });
  refuses<Element>("overlapping output heads", LETHE_BAD_ARGUMENT, [](auto& a) { a.out_strides[1] = 0; });
  refuses<Element>("sizes whose product overflows", LETHE_TOO_LARGE,
                   [](auto& a) { a.B = a.H = int64_t{1} << 32; });
  refuses<Element>("strides that overflow", LETHE_TOO_LARGE, [](auto& a) { a.q_strides[1] = kHuge; });
  refuses<Element>("strides whose bytes overflow", LETHE_TOO_LARGE, [](auto& a) { a.k_strides[2] = kHuge / 8; });
  refuses<Element>("one huge size", LETHE_TOO_LARGE, [](auto& a) { a.T = INT64_MAX; });
  refuses<Element>("a workspace beyond 63 bits", LETHE_TOO_LARGE, [](auto& a) {
    a.N = a.T = a.H = 1;
    a.map_count = 0;
    a.d = int64_t{1} << 59;
  });

  Arguments<Element> no_sum;
  no_sum.sum = nullptr;
  check(no_sum.forward() == LETHE_BAD_ARGUMENT, "forward refuses a missing sum");
  Arguments<Element> no_out;
  no_out.out = nullptr;
  check(no_out.forward() == LETHE_BAD_ARGUMENT, "forward refuses v without out");
  const auto refuses_maps = [](const char* what, int status, auto spoil) {
    Arguments<Element> a;
    spoil(a);
    check(a.forward() == status, std::string("forward refuses ") + what);
  };
  refuses_maps("a negative number of maps", LETHE_BAD_ARGUMENT, [](auto& a) { a.map_count = -1; });
  refuses_maps("a map of a token beyond the last", LETHE_BAD_ARGUMENT, [](auto& a) { a.map_tokens[1] = a.T; });
  refuses_maps("a map of a negative token", LETHE_BAD_ARGUMENT, [](auto& a) { a.map_tokens[0] = -1; });
  refuses_maps("missing maps", LETHE_BAD_ARGUMENT, [](auto& a) { a.maps = nullptr; });
  refuses_maps("more maps than memory has bytes", LETHE_TOO_LARGE, [](auto& a) { a.map_count = kHuge; });

  Arguments<Element> no_lse;
  no_lse.lse = nullptr;
  check(no_lse.forward() == LETHE_BAD_ARGUMENT, "forward needs lse");
  check(no_lse.backward() == LETHE_BAD_ARGUMENT, "backward needs lse");
  Arguments<Element> no_dv;
  no_dv.dv = nullptr;
  check(no_dv.backward() == LETHE_BAD_ARGUMENT, "backward refuses v without dv");
  check(Arguments<Element>().backward(nullptr) == LETHE_BAD_ARGUMENT, "backward refuses v without out");

  Arguments<Element> endless;
  endless.q = endless.k = endless.v = endless.out = nullptr;
  endless.lse = nullptr;
  endless.d = 0;
  endless.N = int64_t{1} << 33;
  check(endless.forward() == LETHE_BAD_ARGUMENT, "forward refuses rows that nothing bounds");

  Arguments<Element> no_memory;
  no_memory.N = no_memory.T = no_memory.H = 1;
  no_memory.d = int64_t{1} << 44;
  no_memory.map_count = 0;
  check(no_memory.forward() == LETHE_OUT_OF_MEMORY && no_memory.backward() == LETHE_OUT_OF_MEMORY,
        "a lack of memory is a status");

  check(std::string(lethe_status_string(LETHE_TOO_LARGE)) == "sizes too large to address", "statuses have phrases");
  check(std::string(lethe_status_string(-99)) == "unknown status", "unknown statuses too");
}

template <typename Element>
void handles_empty_tensors() {
  for (int64_t Arguments<Element>::*size :
       {&Arguments<Element>::B, &Arguments<Element>::H, &Arguments<Element>::N}) {
    Arguments<Element> a;
    a.*size = 0;
    check(a.forward() == LETHE_OK && a.sum_of_squares == 0, "no rows: no sum");
    check(a.backward() == LETHE_OK, "no rows: backward");
  }
  Arguments<Element> huge_but_empty;
  huge_but_empty.B = huge_but_empty.H = kHuge;
  huge_but_empty.N = huge_but_empty.T = huge_but_empty.map_count = 0;
  check(huge_but_empty.forward() == LETHE_OK && huge_but_empty.backward() == LETHE_OK, "empty however many heads");

  Arguments<Element> no_rows;
  no_rows.N = 0;
  no_rows.q = nullptr;
  no_rows.more_written.assign(64, to_element<Element>(1));
  no_rows.dk = no_rows.more_written.data();
  check(no_rows.backward() == LETHE_OK && no_rows.dk[0] == 0 && no_rows.dk[39] == 0 &&
            no_rows.dk[40] == to_element<Element>(1) && no_rows.dv[0] == 0,
        "no rows: dk and dv are 0");

  Arguments<Element> no_tokens;
  no_tokens.T = no_tokens.map_count = 0;
  no_tokens.out[23] = to_element<Element>(1);
  check(no_tokens.forward() == LETHE_OK && no_tokens.sum_of_squares == 0 && no_tokens.out[23] == 0 &&
            no_tokens.lse[5] == -INFINITY,
        "no tokens: out is 0 and lse -infinity");
  no_tokens.out[23] = to_element<Element>(1);
  check(no_tokens.backward() == LETHE_OK && no_tokens.out[23] == 0, "no tokens: dq is 0");

  Arguments<Element> no_channels;
  no_channels.d = 0;
  no_channels.q = no_channels.k = no_channels.v = nullptr;
  no_channels.out = nullptr;
  check(no_channels.forward() == LETHE_OK && std::fabs(no_channels.sum_of_squares - 6 * 2 / 25.0) < 1e-6,
        "no channels: attention is uniform");
  check(no_channels.backward() == LETHE_OK, "no channels: backward");
}

template <typename Element>
void passes_on_what_is_not_a_number() {
  for (float poison : {kNaN, INFINITY}) {
    Arguments<Element> a;
    std::vector<Element> q(24, to_element<Element>(0.5));
    q[4] = to_element<Element>(poison);  // the second of six rows
    a.q = q.data();
    check(a.forward() == LETHE_OK && std::isnan(a.sum_of_squares), "a poisoned row poisons the sum");
    check(std::isnan(to_float(a.out[4])) && std::isfinite(to_float(a.out[0])) && std::isfinite(to_float(a.out[8])),
          "a poisoned row is alone");
    check(a.backward() == LETHE_OK && std::isnan(to_float(a.out[4])) && std::isfinite(to_float(a.out[0])),
          "backward too");
    check(std::isnan(to_float(a.dk[0])) && std::isfinite(to_float(a.dk[20])), "a poisoned row poisons its head's dk");
  }
}

template <typename Element>
void is_stable_for_large_scores() {
  Arguments<Element> a;
  std::vector<Element> q(24, to_element<Element>(300)), k(40);
  k[0] = to_element<Element>(300);    // head 0, token 0: score 0.5 * 300 * 300 = 45000, the rest 0
  k[20] = to_element<Element>(-300);  // head 1, token 0: -45000
  a.q = q.data();
  a.k = k.data();
  a.columns = {1, 1, 1, 1, 1};
  check(a.forward() == LETHE_OK && std::fabs(a.sum_of_squares - (3 * 1 + 3 * 0.25)) < 1e-6,
        "large scores do not overflow");
  check(a.lse[0] == 45000 && std::fabs(a.lse[3] - std::log(4.0)) < 1e-6, "large scores have a log-sum-exp");
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

template <typename Element>
void does_not_depend_on_the_number_of_threads(int64_t T) {
  constexpr int64_t B = 2, H = 3, N = 1111, d = 40, kMaps = 2;
  Random random(11);
  const auto tensor = [&](int64_t rows) {
    Strided<Element> tensor(Layout::kProjection, B, H, rows, d);
    return tensor.fill(random.tensor<Element>(B * H * rows * d, true));
  };
  Strided<Element> q = tensor(N), k = tensor(T), v = tensor(T), d_out = tensor(N);
  const std::vector<uint8_t> columns(B * T, 1);
  const int64_t map_tokens[kMaps] = {3, T - 1};
  const int default_threads = omp_get_max_threads();
  std::vector<double> first;
  for (int threads : {1, 2, 4, 7}) {
    omp_set_num_threads(threads);
    Strided<Element> out = q, dq = q, dk = k, dv = v;
    std::vector<double> lse(B * H * N);
    std::vector<float> maps(B * kMaps * N);
    double sum = 0;
    check(kernel<Element>().forward(B, H, N, T, d, q.data(), q.strides(), k.data(), k.strides(), v.data(), v.strides(),
                                    0.2, columns.data(), out.data(), out.strides(), lse.data(), &sum, kMaps,
                                    map_tokens, maps.data()) == LETHE_OK &&
              kernel<Element>().backward(B, H, N, T, d, q.data(), q.strides(), k.data(), k.strides(), v.data(),
                                         v.strides(), 0.2, columns.data(), out.data(), out.strides(), lse.data(),
                                         d_out.data(), d_out.strides(), 0.5, dq.data(), dq.strides(), dk.data(),
                                         dk.strides(), dv.data(), dv.strides()) == LETHE_OK,
          "runs with " + std::to_string(threads) + " threads");
    std::vector<double> all{sum};
    all.insert(all.end(), lse.begin(), lse.end());
    for (const std::vector<float>& part : {maps, out.values(), dq.values(), dk.values(), dv.values()}) {
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
  using Exact = reference::Attention<double>;
  constexpr double kStep = 1e-5;
  Random random(5);
  Exact a{2,
          2,
          3,
          5,
          4,
          0.5,
          false,
          reference::Rounding::kNone,
          random.tensor(48, false),
          random.tensor(80, false),
          random.tensor(80, false),
          {1, 0, 1, 0, 0, 0, 1, 1, 0, 1},
          {}};
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

template <typename Element>
void run() {
  check_attention_scores(lethe_cpu_isa(), kernel<Element>());
  does_not_depend_on_the_number_of_threads<Element>(77);
  does_not_depend_on_the_number_of_threads<Element>(250);  // more than a tile of keys
  is_stable_for_large_scores<Element>();
  passes_on_what_is_not_a_number<Element>();
  handles_empty_tensors<Element>();
  refuses_bad_arguments<Element>();
}

}  // namespace
}  // namespace lethe::tests

int main() {
  using namespace lethe::tests;
  reference_gradients_are_slopes();
  run<float>();
  run<lethe_bf16>();
  return summary((std::string("attention_scores, ") + lethe_cpu_isa()).c_str());
}
