// The arithmetic of pgd_step for one element, the same on the CPU and on the GPU. Internal linkage, for the reason that
// simd.h gives.
#ifndef LETHE_PGD_ELEMENT_H_
#define LETHE_PGD_ELEMENT_H_

#include <math.h>
#include <stdint.h>

#include "bf16.h"
#include "pgd_step.h"

namespace lethe {
namespace {

// Of 0 and NaN themselves. One comparison whose two sides are free of traps: AVX2 gets a vector loop of it, too.
LETHE_ELEMENT float sign(float g) { return fabsf(g) > 0 ? copysignf(1.0f, g) : g; }

// Two steps, each of which is one instruction of every vector unit; a NaN x passes both.
LETHE_ELEMENT float clamp(float x, float lowest, float highest) {
  const float above = lowest > x ? lowest : x;
  return highest < above ? highest : above;
}

LETHE_ELEMENT double square(float x) { return static_cast<double>(x) * static_cast<double>(x); }

LETHE_ELEMENT float adam(const PgdConstants& c, float x, float g, float& exp_avg, float& exp_avg_sq) {
  exp_avg = c.beta1 * exp_avg + c.rest1 * g;
  exp_avg_sq = c.beta2 * exp_avg_sq + c.rest2 * g * g;
  return x - c.adam_step * exp_avg / (sqrtf(exp_avg_sq) * c.inverse_correction + c.eps);
}

// A step of length step_size along a gradient g is (g * power) * rest. The power of two brings the largest elements near
// 1, without rounding: the norm of the smallest gradients has no float reciprocal. Both are 0 where the gradient is.
struct NormalisedStep {
  float power, rest;
};

LETHE_ELEMENT NormalisedStep normalised_step(const PgdConstants& c, double gradient_squares) {
  if (gradient_squares == 0) {
    return {0, 0};
  }
  const double norm = sqrt(gradient_squares);
  int exponent;
  frexp(norm, &exponent);
  const float power = ldexpf(1, exponent < -126 ? 126 : (exponent > 126 ? -126 : -exponent));
  return {power, static_cast<float>(c.step_size / (norm * static_cast<double>(power)))};
}

// Element i after its step, before any projection.
template <int kRule, typename Gradient>
LETHE_ELEMENT float moved(const PgdStep<Gradient>& a, int64_t i, const NormalisedStep& step) {
  const float g = widen(a.gradient[i]);
  if constexpr (kRule == LETHE_PGD_SIGN) {
    return a.x[i] - static_cast<float>(a.constants.step_size) * sign(g);
  } else if constexpr (kRule == LETHE_PGD_NORMALISED) {
    return a.x[i] - g * step.power * step.rest;
  } else {
    return adam(a.constants, a.x[i], kRule == LETHE_PGD_ADAM ? g : sign(g), a.exp_avg[i], a.exp_avg_sq[i]);
  }
}

// What a perturbation of that sum of squares is multiplied with to lie in the L2 ball.
LETHE_ELEMENT float shrinking(const PgdConstants& c, double perturbation_squares) {
  const double norm = sqrt(perturbation_squares);
  return norm <= static_cast<double>(c.radius) ? 1.0f : static_cast<float>(static_cast<double>(c.radius) / norm);
}

// Element i of a sample that lies at or outside of the L2 ball's surface. One that lies inside keeps its bits.
LETHE_ELEMENT float shrunk(float x, float center, float shrink) {
  return shrink == 1.0f ? x : center + (x - center) * shrink;
}

}  // namespace
}  // namespace lethe

#endif  // LETHE_PGD_ELEMENT_H_
