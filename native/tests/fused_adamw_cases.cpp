#include "fused_adamw_cases.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "bf16_memory.h"
#include "check.h"
#include "random.h"
#include "reference/fused_adamw.h"

namespace lethe::tests {
namespace {

constexpr int kSteps = 3;

const std::vector<FusedAdamWCase>& cases() {
  static const std::vector<FusedAdamWCase> cases = {
      // Forget-Me-Not's settings over tensors like a UNet's
      {{11520, 4, 320, 320 * 320, 77}, 2e-6, 0.9, 0.999, 1e-8, 0.01, 1.0, false, false},
      // AdvUnlearn's: Adam without clipping
      {{768 * 77, 768}, 1e-5, 0.9, 0.999, 1e-8, 0, INFINITY, true, true},
      // UnlearnDiffAtk's
      {{5 * 4999}, 1e-2, 0.9, 0.999, 1e-8, 0.1, INFINITY, false, true},
      // tails, empty tensors, missing gradients, the last element of a part and the first of the next
      {{1}, 1e-3, 0.9, 0.999, 1e-8, 0.01, 0.5, false, false},
      {{0, 3, -5, 0, 17, 1009}, 1e-3, 0.5, 0.9, 1e-6, 0.1, 1.0, true, true},
      {{16383, 16384, 16385, -16384, 32769}, 1e-3, 0.9, 0.99, 1e-8, 0.01, 100.0, true, false},
      // clipping that does nothing
      {{1000}, 1e-3, 0.9, 0.999, 1e-8, 0.01, 1e6, false, false},
      // no momentum at all
      {{513}, 1e-3, 0, 0, 1e-8, 0, 1.0, true, false},
      {{}, 1e-3, 0.9, 0.999, 1e-8, 0.01, 1.0, false, false},
      {{-7, 0}, 1e-3, 0.9, 0.999, 1e-8, 0.01, 1.0, false, true},
  };
  return cases;
}

template <typename Real>
using Tensors = std::vector<typename reference::AdamW<Real>::Tensor>;

template <typename To, typename From>
std::vector<To> as(const std::vector<From>& values) {
  return {values.begin(), values.end()};
}

template <typename To>
Tensors<To> as(const Tensors<double>& tensors) {
  Tensors<To> result;
  for (const auto& tensor : tensors) {
    result.push_back({as<To>(tensor.parameter), as<To>(tensor.exp_avg), as<To>(tensor.exp_avg_sq)});
  }
  return result;
}

int run(const FusedAdamWKernel& kernel, const FusedAdamWCase& c, int64_t step, const std::vector<int64_t>& sizes,
        const std::vector<float*>& p, const std::vector<const float*>& g, const std::vector<float*>& m,
        const std::vector<float*>& v, lethe_bf16* const* copies, double* norm) {
  return kernel.f32(static_cast<int64_t>(sizes.size()), sizes.data(), p.data(), g.data(), m.data(), v.data(), copies,
                    step, c.learning_rate, c.beta1, c.beta2, c.eps, c.weight_decay, c.max_norm, norm);
}

int run(const FusedAdamWKernel& kernel, const FusedAdamWCase& c, int64_t step, const std::vector<int64_t>& sizes,
        const std::vector<float*>& p, const std::vector<const lethe_bf16*>& g, const std::vector<float*>& m,
        const std::vector<float*>& v, lethe_bf16* const* copies, double* norm) {
  return kernel.bf16(static_cast<int64_t>(sizes.size()), sizes.data(), p.data(), g.data(), m.data(), v.data(), copies,
                     step, c.learning_rate, c.beta1, c.beta2, c.eps, c.weight_decay, c.max_norm, norm);
}

// A kernel's error may be twice that of plain float loops, and a few roundings of the result where those are exact.
void check_error(const std::string& what, const std::vector<float>& ours, const std::vector<float>& plain,
                 const std::vector<double>& exact) {
  double error = 0, plain_error = 0, size = 0;
  for (size_t i = 0; i < exact.size(); i++) {
    error += std::pow(ours[i] - exact[i], 2);
    plain_error += std::pow(plain[i] - exact[i], 2);
    size += std::pow(exact[i], 2);
  }
  const double allowed = 2 * std::sqrt(plain_error) + 4e-7 * std::sqrt(size) + 1e-30;
  check(std::sqrt(error) <= allowed,
        what + ": error " + std::to_string(std::sqrt(error)) + ", allowed " + std::to_string(allowed));
}

template <typename Gradient>
void check_case(const std::string& name, const FusedAdamWKernel& kernel, const FusedAdamWCase& c, int64_t max_size) {
  Random random(17);
  std::vector<int64_t> sizes;
  std::vector<bool> with_gradient;
  Tensors<double> exact;
  for (int64_t size : c.sizes) {
    sizes.push_back(std::min(std::abs(size), max_size));
    with_gradient.push_back(size >= 0);
    const int64_t n = sizes.back();
    exact.push_back({random.tensor(n, c.outliers), std::vector<double>(n), std::vector<double>(n)});
  }
  Tensors<float> plain = as<float>(exact), ours = plain;
  const Tensors<float> start = plain;
  std::vector<std::vector<lethe_bf16>> copies;
  std::vector<lethe_bf16*> copy_pointers;
  for (int64_t size : sizes) {
    copies.emplace_back(size, lethe_bf16{0x7fc0});
  }
  for (auto& copy : copies) {
    copy_pointers.push_back(copy.data());
  }
  double norm = -1, exact_norm = -1;
  for (int step = 1; step <= kSteps; step++) {
    std::vector<std::vector<Gradient>> gradients;
    std::vector<std::vector<double>> exact_gradients;
    std::vector<std::vector<float>> plain_gradients;
    std::vector<float*> p, m, v;
    std::vector<const Gradient*> g;
    for (size_t i = 0; i < sizes.size(); i++) {
      gradients.emplace_back();
      exact_gradients.emplace_back();
      for (double value : random.tensor(with_gradient[i] ? sizes[i] : 0, c.outliers)) {
        gradients[i].emplace_back();
        encode(value, gradients[i].back());
        exact_gradients[i].push_back(decode(gradients[i].back()));
      }
      plain_gradients.push_back(as<float>(exact_gradients[i]));
    }
    for (size_t i = 0; i < sizes.size(); i++) {
      p.push_back(ours[i].parameter.data());
      m.push_back(ours[i].exp_avg.data());
      v.push_back(ours[i].exp_avg_sq.data());
      g.push_back(with_gradient[i] ? gradients[i].data() : nullptr);
    }
    const int status =
        run(kernel, c, step, sizes, p, g, m, v, c.copies ? copy_pointers.data() : nullptr, &norm);
    check(status == LETHE_OK, name + ": status " + std::to_string(status));
    exact_norm = reference::AdamW<double>{c.learning_rate, c.beta1, c.beta2, c.eps, c.weight_decay, c.max_norm}.step(
        step, exact, exact_gradients);
    reference::AdamW<float>{c.learning_rate, c.beta1, c.beta2, c.eps, c.weight_decay, c.max_norm}.step(
        step, plain, plain_gradients);
    check(std::isinf(c.max_norm) ? std::isnan(norm) : std::fabs(norm - exact_norm) <= 1e-12 * exact_norm,
          name + ": norm " + std::to_string(norm) + ", expected " + std::to_string(exact_norm));
  }
  for (size_t i = 0; i < sizes.size(); i++) {
    const std::string tensor = name + " tensor " + std::to_string(i);
    check_error(tensor + " parameter", ours[i].parameter, plain[i].parameter, exact[i].parameter);
    check_error(tensor + " exp_avg", ours[i].exp_avg, plain[i].exp_avg, exact[i].exp_avg);
    check_error(tensor + " exp_avg_sq", ours[i].exp_avg_sq, plain[i].exp_avg_sq, exact[i].exp_avg_sq);
    if (!with_gradient[i]) {
      check(ours[i].parameter == start[i].parameter, tensor + " without a gradient stays");
    }
    bool copied = true;
    for (int64_t j = 0; j < sizes[i]; j++) {
      lethe_bf16 expected = 0x7fc0;
      if (c.copies && with_gradient[i]) {
        encode(ours[i].parameter[j], expected);
      }
      copied = copied && copies[i][j] == expected;
    }
    check(copied, tensor + " copy");
  }
}

}  // namespace

void check_fused_adamw(const char* name, const FusedAdamWKernel& kernel, int64_t max_size) {
  for (size_t i = 0; i < cases().size(); i++) {
    const std::string what = std::string(name) + " case " + std::to_string(i);
    check_case<float>(what + " f32", kernel, cases()[i], max_size);
    check_case<lethe_bf16>(what + " bf16", kernel, cases()[i], max_size);
  }
}

}  // namespace lethe::tests
