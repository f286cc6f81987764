#include <omp.h>

#include <cfloat>
#include <cmath>
#include <limits>
#include <string>

#include "check.h"
#include "flash_attention_cases.h"
#include "lethe_kernels.h"
#include "random.h"
#include "reference/attention.h"
#include "strided.h"

namespace lethe::tests {
namespace {

constexpr int64_t kHuge = int64_t{1} << 62;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

constexpr FlashAttentionKernel<float> kF32 = {lethe_flash_attention_forward_f32, lethe_flash_attention_backward_f32};
constexpr FlashAttentionKernel<lethe_bf16> kBf16 = {lethe_flash_attention_forward_bf16,
                                                    lethe_flash_attention_backward_bf16};

template <typename Element>
constexpr const FlashAttentionKernel<Element>& kernel() {
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
  int causal = 0;
  std::vector<Element> memory = std::vector<Element>(64, to_element<Element>(0.25));
  std::vector<Element> out_memory = std::vector<Element>(64), dq_memory = out_memory, dk_memory = out_memory,
                       dv_memory = out_memory;
  std::vector<double> lse_memory = std::vector<double>(6);
  std::vector<int64_t> q_strides = {24, 12, 4, 1};
  std::vector<int64_t> k_strides = {40, 20, 4, 1};
  std::vector<int64_t> v_strides = {40, 20, 4, 1};
  std::vector<int64_t> out_strides = {24, 12, 4, 1};
  const Element* q = memory.data();
  const Element* k = memory.data();
  const Element* v = memory.data();
  Element* out = out_memory.data();
  Element* dq = dq_memory.data();
  Element* dk = dk_memory.data();
  Element* dv = dv_memory.data();
  double* lse = lse_memory.data();

  int forward() {
    return kernel<Element>().forward(B, H, N, T, d, q, q_strides.data(), k, k_strides.data(), v, v_strides.data(),
                                     scale, causal, out, out_strides.data(), lse);
  }

  // d_out reads what q does.
  int backward() {
    return kernel<Element>().backward(B, H, N, T, d, q, q_strides.data(), k, k_strides.data(), v, v_strides.data(),
                                      scale, causal, out, out_strides.data(), lse, q, q_strides.data(), dq,
                                      out_strides.data(), dk, k_strides.data(), dv, k_strides.data());
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

  refuses<Element>("a negative size", LETHE_BAD_ARGUMENT, [](auto& a) { a.T = -1; });
  refuses<Element>("a missing q", LETHE_BAD_ARGUMENT, [](auto& a) { a.q = nullptr; });
  refuses<Element>("a missing k", LETHE_BAD_ARGUMENT, [](auto& a) { a.k = nullptr; });
  refuses<Element>("a missing v", LETHE_BAD_ARGUMENT, [](auto& a) { a.v = nullptr; });
  refuses<Element>("a missing out", LETHE_BAD_ARGUMENT, [](auto& a) { a.out = nullptr; });
  refuses<Element>("a NaN scale", LETHE_BAD_ARGUMENT, [](auto& a) { a.scale = kNaN; });
  refuses<Element>("a scale beyond floats", LETHE_BAD_ARGUMENT, [](auto& a) { a.scale = 2.0 * FLT_MAX; });
  refuses<Element>("strided channels of q", LETHE_UNSUPPORTED, [](auto& a) { a.q_strides[3] = 2; });
  refuses<Element>("a negative stride", LETHE_UNSUPPORTED, [](auto& a) { a.v_strides[1] = -20; });
  refuses<Element>("overlapping output rows", LETHE_BAD_ARGUMENT, [](auto& a) { a.out_strides[2] = 3; });
  refuses<Element>("sizes whose product overflows", LETHE_TOO_LARGE,
                   [](auto& a) { a.B = a.H = int64_t{1} << 32; });
  refuses<Element>("strides that overflow", LETHE_TOO_LARGE, [](auto& a) { a.k_strides[1] = kHuge; });
  refuses<Element>("one huge size", LETHE_TOO_LARGE, [](auto& a) { a.N = INT64_MAX; });
  const auto one_row = [](auto& a, int64_t d) {
    a.N = a.T = a.H = 1;
    a.d = d;
  };
  refuses<Element>("a workspace beyond 63 bits", LETHE_TOO_LARGE, [&](auto& a) { one_row(a, int64_t{1} << 59); });
  refuses<Element>("a workspace beyond memory", LETHE_OUT_OF_MEMORY, [&](auto& a) { one_row(a, int64_t{1} << 44); });

  Arguments<Element> no_lse;
  no_lse.lse = nullptr;
  check(no_lse.forward() == LETHE_OK && no_lse.out[0] == to_element<Element>(0.25), "forward does without lse");
  check(no_lse.backward() == LETHE_BAD_ARGUMENT, "backward needs lse");
}

template <typename Element>
void handles_empty_tensors() {
  for (int64_t Arguments<Element>::*size :
       {&Arguments<Element>::B, &Arguments<Element>::H, &Arguments<Element>::N}) {
    Arguments<Element> a;
    a.*size = 0;
    check(a.forward() == LETHE_OK && a.backward() == LETHE_OK, "no rows");
  }
  Arguments<Element> huge_but_empty;
  huge_but_empty.B = huge_but_empty.H = kHuge;
  huge_but_empty.N = huge_but_empty.T = 0;
  check(huge_but_empty.forward() == LETHE_OK && huge_but_empty.backward() == LETHE_OK, "empty however many heads");

  Arguments<Element> no_rows;
  no_rows.N = 0;
  no_rows.q = no_rows.out = nullptr;
  no_rows.dk_memory.assign(64, to_element<Element>(1));
  no_rows.dk = no_rows.dk_memory.data();
  check(no_rows.backward() == LETHE_OK && no_rows.dk[0] == 0 && no_rows.dk[39] == 0 &&
            no_rows.dk[40] == to_element<Element>(1) && no_rows.dv[0] == 0,
        "no rows: dk and dv are 0");

  for (int causal : {0, 1}) {
    Arguments<Element> no_tokens;
    no_tokens.T = 0;
    no_tokens.causal = causal;
    no_tokens.out[23] = no_tokens.dq[23] = to_element<Element>(1);
    check(no_tokens.forward() == LETHE_OK && no_tokens.out[23] == 0 && no_tokens.lse[5] == -INFINITY,
          "no tokens: out is 0 and lse -infinity");
    check(no_tokens.backward() == LETHE_OK && no_tokens.dq[23] == 0, "no tokens: dq is 0");
  }

  Arguments<Element> no_channels;
  no_channels.d = 0;
  no_channels.q = no_channels.k = no_channels.v = nullptr;
  no_channels.out = nullptr;
  check(no_channels.forward() == LETHE_OK && std::fabs(no_channels.lse[5] - std::log(5.0)) < 1e-6,
        "no channels: attention is uniform");
  check(no_channels.backward() == LETHE_OK, "no channels: backward");
  no_channels.N = int64_t{1} << 58;
  no_channels.lse = nullptr;
  check(no_channels.forward() == LETHE_OK, "no channels, no lse: rows beyond counting");
}

template <typename Element>
void passes_on_what_is_not_a_number() {
  for (float poison : {kNaN, INFINITY}) {
    Arguments<Element> a;
    std::vector<Element> q(24, to_element<Element>(0.5));
    q[4] = to_element<Element>(poison);  // the second of six rows
    a.q = q.data();
    const auto is_nan = [](Element x) { return std::isnan(to_float(x)); };
    check(a.forward() == LETHE_OK && is_nan(a.out[4]) && std::isnan(a.lse[1]),
          "a poisoned row is poisoned");
    check(!is_nan(a.out[0]) && !is_nan(a.out[8]) && !is_nan(a.out[12]) && std::isfinite(a.lse[0]),
          "a poisoned row is alone");
    check(a.backward() == LETHE_OK && is_nan(a.dq[4]) && !is_nan(a.dq[0]) && !is_nan(a.dq[8]), "backward too");
    check(is_nan(a.dk[0]) && !is_nan(a.dk[20]), "a poisoned row poisons its head's dk");
  }
  // Rows that do not see a poisoned key are alone, too.
  Arguments<Element> a;
  std::vector<Element> k(40, to_element<Element>(0.5));
  k[4] = to_element<Element>(kNaN);  // the second key of the first head
  a.k = k.data();
  a.causal = 1;
  check(a.forward() == LETHE_OK && a.out[0] == to_element<Element>(0.25) && std::isnan(to_float(a.out[4])) &&
            std::isnan(to_float(a.out[8])),
        "a poisoned key reaches the rows that see it");
}

template <typename Element>
void is_stable_for_large_scores() {
  Arguments<Element> a;
  std::vector<Element> q(24, to_element<Element>(300)), k(40), v(40);
  k[0] = to_element<Element>(300);    // head 0, token 0: score 0.5 * 300 * 300 = 45000, the rest 0
  k[20] = to_element<Element>(-300);  // head 1, token 0: -45000
  v[0] = v[20] = to_element<Element>(1);
  a.q = q.data();
  a.k = k.data();
  a.v = v.data();
  check(a.forward() == LETHE_OK && a.out[0] == to_element<Element>(1) && a.out[12] == 0,
        "large scores do not overflow");
  check(a.lse[0] == 45000 && std::fabs(a.lse[3] - std::log(4.0)) < 1e-6, "large scores have a log-sum-exp");
  check(a.backward() == LETHE_OK, "large scores: backward");
  for (int i = 0; i < 24; i++) {
    check(std::isfinite(to_float(a.dq[i])), "large scores have finite gradients");
  }
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

template <typename Element>
void does_not_depend_on_the_number_of_threads() {
  constexpr int64_t B = 2, H = 3, N = 555, T = 444, d = 40;
  Random random(11);
  const auto tensor = [&](int64_t rows) {
    Strided<Element> tensor(Layout::kProjection, B, H, rows, d);
    return tensor.fill(random.tensor<Element>(B * H * rows * d, true));
  };
  Strided<Element> q = tensor(N), k = tensor(T), v = tensor(T), d_out = tensor(N);
  const int default_threads = omp_get_max_threads();
  for (int causal : {0, 1}) {
    std::vector<double> first;
    for (int threads : {1, 2, 4, 7}) {
      const std::string name = std::to_string(threads) + (causal != 0 ? " threads, causal" : " threads");
      omp_set_num_threads(threads);
      Strided<Element> out = q, dq = q, dk = k, dv = v;
      std::vector<double> lse(B * H * N);
      check(kernel<Element>().forward(B, H, N, T, d, q.data(), q.strides(), k.data(), k.strides(), v.data(),
                                      v.strides(), 0.2, causal, out.data(), out.strides(), lse.data()) == LETHE_OK &&
                kernel<Element>().backward(B, H, N, T, d, q.data(), q.strides(), k.data(), k.strides(), v.data(),
                                           v.strides(), 0.2, causal, out.data(), out.strides(), lse.data(),
                                           d_out.data(), d_out.strides(), dq.data(), dq.strides(), dk.data(),
                                           dk.strides(), dv.data(), dv.strides()) == LETHE_OK,
            "runs with " + name);
      std::vector<double> all(lse.begin(), lse.end());
      for (const std::vector<float>& part : {out.values(), dq.values(), dk.values(), dv.values()}) {
        all.insert(all.end(), part.begin(), part.end());
      }
      if (first.empty()) {
        first = all;
      }
      check(same_bits(all, first), "the same bits with " + name);
    }
  }
  omp_set_num_threads(default_threads);
}

// The reference itself: its gradients are the slopes of its loss.
void reference_gradients_are_slopes(bool causal) {
  using Exact = reference::Attention<double>;
  constexpr double kStep = 1e-5;
  Random random(5);
  Exact a{2,
          2,
          4,
          5,
          3,
          0.5,
          causal,
          reference::Rounding::kNone,
          random.tensor(48, false),
          random.tensor(60, false),
          random.tensor(60, false),
          {},
          {}};
  const std::vector<double> d_out = random.tensor(48, false);
  const auto loss = [&] {
    const Exact::Result result = a.forward();
    double total = 0;
    for (size_t i = 0; i < d_out.size(); i++) {
      total += d_out[i] * result.out[i];
    }
    return total;
  };
  const Exact::Gradient gradient = a.backward(d_out, 0, a.forward().out);
  const auto check_slopes = [&](const char* name, std::vector<double>& values, const std::vector<double>& slopes) {
    for (size_t i = 0; i < values.size(); i++) {
      const double value = values[i];
      values[i] = value + kStep;
      const double above = loss();
      values[i] = value - kStep;
      const double below = loss();
      values[i] = value;
      check(std::fabs((above - below) / (2 * kStep) - slopes[i]) < 1e-8,
            std::string("slope of ") + name + "[" + std::to_string(i) + "]" + (causal ? ", causal" : ""));
    }
  };
  check_slopes("q", a.q, gradient.dq);
  check_slopes("k", a.k, gradient.dk);
  check_slopes("v", a.v, gradient.dv);
}

template <typename Element>
void run() {
  check_flash_attention(lethe_cpu_isa(), kernel<Element>());
  does_not_depend_on_the_number_of_threads<Element>();
  is_stable_for_large_scores<Element>();
  passes_on_what_is_not_a_number<Element>();
  handles_empty_tensors<Element>();
  refuses_bad_arguments<Element>();
}

}  // namespace
}  // namespace lethe::tests

int main() {
  using namespace lethe::tests;
  reference_gradients_are_slopes(false);
  reference_gradients_are_slopes(true);
  run<float>();
  run<lethe_bf16>();
  return summary((std::string("flash_attention, ") + lethe_cpu_isa()).c_str());
}
