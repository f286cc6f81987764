// The arithmetic of fused_adamw for one element, the same on the CPU and on the GPU. Internal linkage, for the reason
// that simd.h gives.
#ifndef LETHE_FUSED_ADAMW_ELEMENT_H_
#define LETHE_FUSED_ADAMW_ELEMENT_H_

#include <math.h>

#include "bf16.h"
#include "fused_adamw.h"

namespace lethe {
namespace {

// What the arithmetic of an element needs, worked out in double once per call.
struct AdamWConstants {
  float decay;          // 1 - learning_rate * weight_decay
  float beta1, rest1;   // rest1 = 1 - beta1
  float beta2, rest2;   // rest2 = 1 - beta2
  float step_size;      // learning_rate / (1 - beta1^t)
  float correction;     // sqrt(1 - beta2^t)
  float eps;
};

template <typename Gradient>
AdamWConstants constants(const FusedAdamW<Gradient>& a) {
  const double t = static_cast<double>(a.step);
  return {static_cast<float>(1 - a.learning_rate * a.weight_decay),
          static_cast<float>(a.beta1),
          static_cast<float>(1 - a.beta1),
          static_cast<float>(a.beta2),
          static_cast<float>(1 - a.beta2),
          static_cast<float>(a.learning_rate / (1 - pow(a.beta1, t))),
          static_cast<float>(sqrt(1 - pow(a.beta2, t))),
          static_cast<float>(a.eps)};
}

LETHE_ELEMENT void adamw(const AdamWConstants& c, float g, float& p, float& m, float& v) {
  m = c.beta1 * m + c.rest1 * g;
  v = c.beta2 * v + c.rest2 * g * g;
  p = c.decay * p - c.step_size * m / (sqrtf(v) / c.correction + c.eps);
}

// What gradients of that norm are multiplied with. NaN for a norm that is, as PyTorch has it.
LETHE_ELEMENT float clipping(double max_norm, double norm) {
  const double factor = max_norm / (norm + 1e-6);
  return static_cast<float>(factor > 1 ? 1.0 : factor);
}

}  // namespace
}  // namespace lethe

#endif  // LETHE_FUSED_ADAMW_ELEMENT_H_
