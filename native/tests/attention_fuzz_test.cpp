// Both attentions with a few hundred random sizes: none, one, prime, negative and beyond 63 bits. Every call must give
// its status and write nothing beside its outputs; where there is something to attend to, values of 1 give 1.
#include <algorithm>
#include <cmath>
#include <string>

#include "attention_scores_cases.h"
#include "check.h"
#include "checks.h"
#include "flash_attention_cases.h"
#include "lethe_kernels.h"
#include "random.h"
#include "strided.h"

namespace lethe::tests {
namespace {

constexpr int64_t kMostElements = 1 << 15;

struct Sizes {
  int64_t B, H, N, T, d;

  std::string name() const {
    return "B" + std::to_string(B) + " H" + std::to_string(H) + " N" + std::to_string(N) + " T" + std::to_string(T) +
           " d" + std::to_string(d);
  }
  int status() const {
    if (std::min({B, H, N, T, d}) < 0) {
      return LETHE_BAD_ARGUMENT;
    }
    return fits({B, H, N, d}) && fits({B, H, T, d}) && fits({B, H, N}) && fits({B, H, T}) ? LETHE_OK : LETHE_TOO_LARGE;
  }
  // Whether the tensors exist in a test's memory.
  bool small() const {
    return std::max({B, H, N, T, d}) <= kMostElements &&
           std::max<int64_t>(B, 1) * std::max<int64_t>(H, 1) * std::max<int64_t>(std::max(N, T), 1) *
                   std::max<int64_t>(d, 1) <=
               kMostElements;
  }
};

Sizes random_sizes(Random& random) {
  constexpr int64_t kOrdinary[] = {0, 1, 1, 1, 2, 2, 3, 4, 5, 7, 8, 13, 16, 17, 31, 33, 61, 64, 77, 97, 131};
  constexpr int64_t kStrange[] = {-1, -77, INT64_MIN, INT64_MAX, int64_t{1} << 31, int64_t{1} << 62, 10007};
  const auto pick = [&](const auto& sizes) {
    return sizes[static_cast<int>(random.uniform() * static_cast<double>(std::size(sizes)))];
  };
  int64_t sizes[5];
  for (int64_t& size : sizes) {
    size = random.uniform() < 0.08 ? pick(kStrange) : pick(kOrdinary);
  }
  return {sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]};
}

template <typename Element>
void check_sizes(const FlashAttentionKernel<Element>& flash, const AttentionScoresKernel<Element>& scores,
                 Random& random) {
  const Sizes s = random_sizes(random);
  const int status = s.status();
  if (status == LETHE_OK && !s.small()) {
    return;
  }
  const Sizes held = status == LETHE_OK ? s : Sizes{1, 1, 1, 1, 1};
  const bool causal = random.uniform() < 0.5;
  const auto tensor = [&](int64_t rows, bool ones) {
    const std::vector<double> values = random.tensor<Element>(held.B * held.H * rows * held.d, true);
    Strided<Element> tensor(Layout::kGaps, held.B, held.H, rows, held.d);
    return tensor.fill(ones ? std::vector<double>(values.size(), 1) : values);
  };
  Strided<Element> q = tensor(held.N, false), k = tensor(held.T, false), v = tensor(held.T, true),
                   d_out = tensor(held.N, false);
  Strided<Element> out = q, dq = q, dk = k, dv = v;
  std::vector<double> lse(std::max<int64_t>(held.B * held.H * held.N, 1));
  double sum;
  const auto check_results = [&](const std::string& what, int forward, int backward) {
    const std::string name = what + " " + kElementName<Element> + " " + s.name() + (causal ? " causal" : "");
    check(forward == status && backward == status,
          name + ": statuses " + std::to_string(forward) + " and " + std::to_string(backward));
    for (Strided<Element>* written : {&out, &dq, &dk, &dv}) {
      check(written->canaries_alive(), name + ": wrote beside an output");
      const std::vector<float> values = written->values();
      check(std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); }), name + ": not finite");
    }
    if (status == LETHE_OK && s.T > 0) {
      const std::vector<float> values = out.values();
      check(std::all_of(values.begin(), values.end(), [](float x) { return std::fabs(x - 1) < 1e-5f; }),
            name + ": a mean of ones is not 1");
    }
  };
  int forward = flash.forward(s.B, s.H, s.N, s.T, s.d, q.data(), q.strides(), k.data(), k.strides(), v.data(),
                              v.strides(), 0.3, causal, out.data(), out.strides(), lse.data());
  int backward = flash.backward(s.B, s.H, s.N, s.T, s.d, q.data(), q.strides(), k.data(), k.strides(), v.data(),
                                v.strides(), 0.3, causal, out.data(), out.strides(), lse.data(), d_out.data(),
                                d_out.strides(), dq.data(), dq.strides(), dk.data(), dk.strides(), dv.data(),
                                dv.strides());
  check_results("flash_attention", forward, backward);
  forward = scores.forward(s.B, s.H, s.N, s.T, s.d, q.data(), q.strides(), k.data(), k.strides(), v.data(),
                           v.strides(), 0.3, nullptr, out.data(), out.strides(), lse.data(), &sum, 0, nullptr, nullptr);
  backward = scores.backward(s.B, s.H, s.N, s.T, s.d, q.data(), q.strides(), k.data(), k.strides(), v.data(),
                             v.strides(), 0.3, nullptr, out.data(), out.strides(), lse.data(), d_out.data(),
                             d_out.strides(), 1, dq.data(), dq.strides(), dk.data(), dk.strides(), dv.data(),
                             dv.strides());
  check_results("attention_scores", forward, backward);
}

}  // namespace
}  // namespace lethe::tests

int main() {
  using namespace lethe::tests;
  Random random(20240607);
  for (int i = 0; i < 300; i++) {
    check_sizes<float>({lethe_flash_attention_forward_f32, lethe_flash_attention_backward_f32},
                       {lethe_attention_scores_forward_f32, lethe_attention_scores_backward_f32}, random);
    check_sizes<lethe_bf16>({lethe_flash_attention_forward_bf16, lethe_flash_attention_backward_bf16},
                            {lethe_attention_scores_forward_bf16, lethe_attention_scores_backward_bf16}, random);
  }
  return summary((std::string("attention sizes, ") + lethe_cpu_isa()).c_str());
}
