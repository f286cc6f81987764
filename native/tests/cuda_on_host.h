// Enough of CUDA to run a .cu file's kernels on the host, block by block: every thread of a block is a fiber, a barrier
// lets nobody pass before all have come, and a barrier that some thread never reaches ends the program with a message.
// It shows that indices and barriers are right. It cannot show what only hardware has: its memory model and its speed.
#ifndef LETHE_TESTS_CUDA_ON_HOST_H_
#define LETHE_TESTS_CUDA_ON_HOST_H_

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <type_traits>

#include "lethe_kernels.h"

#define __global__
#define __device__
#define __host__
#define __launch_bounds__(threads)
#define LETHE_UNROLL
// Blocks run one after another, so one copy is the block's own.
#define __shared__ static

struct LetheHostIndex {
  unsigned x;
};
extern LetheHostIndex threadIdx, blockIdx, gridDim;

void __syncthreads();
void __syncwarp();
float __shfl_xor_sync(unsigned mask, float value, int distance);
double __shfl_xor_sync(unsigned mask, double value, int distance);

using cudaStream_t = void*;
enum cudaError_t { cudaSuccess, cudaErrorMemoryAllocation };

// Fresh memory holds NaNs, so that a kernel which reads what it has not written is found out.
cudaError_t cudaMallocAsync(void** data, size_t bytes, cudaStream_t stream);
cudaError_t cudaFreeAsync(void* data, cudaStream_t stream);
cudaError_t cudaMemsetAsync(void* data, int value, size_t bytes, cudaStream_t stream);
enum cudaMemcpyKind { cudaMemcpyHostToDevice };
cudaError_t cudaMemcpyAsync(void* target, const void* source, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);

namespace lethe {
namespace cuda_on_host {

// The order in which ready threads take turns. A missing barrier shows in one order or the other.
enum class Order { kAscending, kDescending };
extern Order order;

void run_grid(int64_t blocks, int threads, const std::function<void()>& kernel);

}  // namespace cuda_on_host

template <typename... Parameters, typename... Arguments>
int launch(void (*kernel)(Parameters...), int64_t blocks, int threads, cudaStream_t, Arguments... arguments) {
  cuda_on_host::run_grid(blocks, threads, [=] { kernel(arguments...); });
  return LETHE_OK;
}

}  // namespace lethe

#endif  // LETHE_TESTS_CUDA_ON_HOST_H_
