// fused_adamw on the CPU: checks the arguments and hands them to the best variant of fused_adamw_simd.cpp.
#include "fused_adamw.h"

#include "fused_adamw_checks.h"

namespace lethe {
namespace {

template <typename Gradient>
int update(const FusedAdamW<Gradient>& a) {
  const int status = check(a);
  if (status != LETHE_OK) {
    return status;
  }
  LETHE_DISPATCH(fused_adamw, a);
}

}  // namespace
}  // namespace lethe

extern "C" int lethe_fused_adamw_f32(int64_t tensors, const int64_t* sizes,  //
                                     float* const* parameters, const float* const* gradients,
                                     float* const* exp_avg, float* const* exp_avg_sq,
                                     lethe_bf16* const* copies, int64_t step,  //
                                     double learning_rate, double beta1, double beta2, double eps,  //
                                     double weight_decay, double max_norm, double* norm) {
  return lethe::update<float>({tensors, sizes, parameters, gradients, exp_avg, exp_avg_sq, copies, step,
                               learning_rate, beta1, beta2, eps, weight_decay, max_norm, norm});
}

extern "C" int lethe_fused_adamw_bf16(int64_t tensors, const int64_t* sizes,  //
                                      float* const* parameters, const lethe_bf16* const* gradients,
                                      float* const* exp_avg, float* const* exp_avg_sq,
                                      lethe_bf16* const* copies, int64_t step,  //
                                      double learning_rate, double beta1, double beta2, double eps,  //
                                      double weight_decay, double max_norm, double* norm) {
  return lethe::update<lethe_bf16>({tensors, sizes, parameters, gradients, exp_avg, exp_avg_sq, copies, step,
                                    learning_rate, beta1, beta2, eps, weight_decay, max_norm, norm});
}
