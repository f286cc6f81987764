// fused_adamw on an NVIDIA GPU: simple and correct, not yet fast for many small tensors, which take a launch each.
//
// The norm is the sum of one double for each block of a launch, added in their order by a last block, so results are
// the same in every run; the clipping factor stays on the device.
//
// Memory: a double for each block of the norm's launches. Shared memory: 2 KiB a block.
#include <cfloat>

#include "cuda_launch.h"
#include "fused_adamw.h"
#include "fused_adamw_checks.h"
#include "fused_adamw_element.h"

namespace lethe {
namespace {

constexpr int kThreads = 256;
constexpr int64_t kMaxBlocks = 1024;

int64_t blocks_of(int64_t size) {
  const int64_t blocks = size / kThreads + (size % kThreads != 0);
  return blocks < kMaxBlocks ? blocks : kMaxBlocks;
}

// The sum of every thread's value, right in thread 0. `shared`: [kThreads]
__device__ double block_sum(double mine, double* shared) {
  const int thread = static_cast<int>(threadIdx.x);
  shared[thread] = mine;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (thread < half) {
      shared[thread] += shared[thread + half];
    }
  }
  return shared[thread];
}

template <typename Gradient>
__global__ void sum_squares(const Gradient* g, int64_t size, double* sums) {
  __shared__ double shared[kThreads];
  double mine = 0;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < size;
       i += static_cast<int64_t>(gridDim.x) * kThreads) {
    const double value = widen(g[i]);
    mine += value * value;
  }
  const double sum = block_sum(mine, shared);
  if (threadIdx.x == 0) {
    sums[blockIdx.x] = sum;
  }
}

// One block: the norm from all sums, into *norm and, if asked for, *reported.
__global__ void finish_norm(const double* sums, int64_t count, double* norm, double* reported) {
  __shared__ double shared[kThreads];
  double mine = 0;
  for (int64_t i = threadIdx.x; i < count; i += kThreads) {
    mine += sums[i];
  }
  const double sum = block_sum(mine, shared);
  if (threadIdx.x == 0) {
    *norm = sqrt(sum);
    if (reported != nullptr) {
      *reported = sqrt(sum);
    }
  }
}

__global__ void report_no_norm(double* norm) {
  if (threadIdx.x == 0) {
    *norm = static_cast<double>(NAN);
  }
}

// norm: NULL where nothing is clipped.
template <typename Gradient>
__global__ void update_tensor(AdamWConstants c, double max_norm, const double* norm, int64_t size, const Gradient* g,
                              float* p, float* m, float* v, lethe_bf16* copy) {
  const float factor = norm == nullptr ? 1.0f : clipping(max_norm, *norm);
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < size;
       i += static_cast<int64_t>(gridDim.x) * kThreads) {
    adamw(c, factor * widen(g[i]), p[i], m[i], v[i]);
    if (copy != nullptr) {
      narrow(p[i], copy[i]);
    }
  }
}

// Queues the norm of all gradients into sums[0]; sums[1] and on are the blocks'.
template <typename Gradient>
int queue_norm(const FusedAdamW<Gradient>& a, double* sums, cudaStream_t stream) {
  int64_t count = 0;
  for (int64_t i = 0; i < a.tensors; i++) {
    if (a.gradients[i] != nullptr && a.sizes[i] > 0) {
      const int status =
          launch(sum_squares<Gradient>, blocks_of(a.sizes[i]), kThreads, stream, a.gradients[i], a.sizes[i],
                 sums + 1 + count);
      if (status != LETHE_OK) {
        return status;
      }
      count += blocks_of(a.sizes[i]);
    }
  }
  return launch(finish_norm, 1, kThreads, stream, static_cast<const double*>(sums + 1), count, sums, a.norm);
}

template <typename Gradient>
int update(const FusedAdamW<Gradient>& a, void* cuda_stream) {
  const int status = check(a);
  if (status != LETHE_OK) {
    return status;
  }
  const auto stream = static_cast<cudaStream_t>(cuda_stream);
  const bool clips = a.max_norm <= DBL_MAX;
  int64_t sums = 1;
  for (int64_t i = 0; clips && i < a.tensors; i++) {
    sums += blocks_of(a.sizes[i]);
  }
  DeviceBlock block(sums * static_cast<int64_t>(sizeof(double)), stream);
  if (block.status != LETHE_OK) {
    return block.status;
  }
  double* norm = static_cast<double*>(block.data);
  int queued = LETHE_OK;
  if (clips) {
    queued = queue_norm(a, norm, stream);
  } else if (a.norm != nullptr) {
    queued = launch(report_no_norm, 1, kThreads, stream, a.norm);
  }
  const AdamWConstants c = constants(a);
  for (int64_t i = 0; queued == LETHE_OK && i < a.tensors; i++) {
    if (a.gradients[i] != nullptr && a.sizes[i] > 0) {
      queued = launch(update_tensor<Gradient>, blocks_of(a.sizes[i]), kThreads, stream, c, a.max_norm,
                      static_cast<const double*>(clips ? norm : nullptr), a.sizes[i], a.gradients[i], a.parameters[i],
                      a.exp_avg[i], a.exp_avg_sq[i], a.copies == nullptr ? nullptr : a.copies[i]);
    }
  }
  return queued;
}

}  // namespace
}  // namespace lethe

extern "C" int lethe_fused_adamw_f32_cuda(int64_t tensors, const int64_t* sizes,  //
                                          float* const* parameters, const float* const* gradients,
                                          float* const* exp_avg, float* const* exp_avg_sq,
                                          lethe_bf16* const* copies, int64_t step,  //
                                          double learning_rate, double beta1, double beta2, double eps,  //
                                          double weight_decay, double max_norm, double* norm, void* stream) {
  return lethe::update<float>({tensors, sizes, parameters, gradients, exp_avg, exp_avg_sq, copies, step,
                               learning_rate, beta1, beta2, eps, weight_decay, max_norm, norm}, stream);
}

extern "C" int lethe_fused_adamw_bf16_cuda(int64_t tensors, const int64_t* sizes,  //
                                           float* const* parameters, const lethe_bf16* const* gradients,
                                           float* const* exp_avg, float* const* exp_avg_sq,
                                           lethe_bf16* const* copies, int64_t step,  //
                                           double learning_rate, double beta1, double beta2, double eps,  //
                                           double weight_decay, double max_norm, double* norm, void* stream) {
  return lethe::update<lethe_bf16>({tensors, sizes, parameters, gradients, exp_avg, exp_avg_sq, copies, step,
                                    learning_rate, beta1, beta2, eps, weight_decay, max_norm, norm}, stream);
}
