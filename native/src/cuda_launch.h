// What the .cu files need of CUDA's runtime. Compiled by anything but nvcc, they run on the host: see cuda_on_host.h.
#ifndef LETHE_CUDA_LAUNCH_H_
#define LETHE_CUDA_LAUNCH_H_

#include <stdint.h>

#include "lethe_kernels.h"

#ifdef __CUDACC__

#include <cuda_runtime.h>

#define LETHE_UNROLL _Pragma("unroll")

namespace lethe {

template <typename... Parameters, typename... Arguments>
int launch(void (*kernel)(Parameters...), int64_t blocks, int threads, cudaStream_t stream, Arguments... arguments) {
  kernel<<<static_cast<unsigned>(blocks), static_cast<unsigned>(threads), 0, stream>>>(arguments...);
  return cudaGetLastError() == cudaSuccess ? LETHE_OK : LETHE_DEVICE_ERROR;
}

}  // namespace lethe

#else

#include "cuda_on_host.h"

#endif

namespace lethe {

// Device memory that is taken and given back in the order of the stream.
struct DeviceBlock {
  void* data = nullptr;
  int status = LETHE_OK;

  DeviceBlock(int64_t bytes, cudaStream_t stream) : stream_(stream) {
    const cudaError_t error = cudaMallocAsync(&data, static_cast<size_t>(bytes), stream);
    if (error != cudaSuccess) {
      data = nullptr;
      status = error == cudaErrorMemoryAllocation ? LETHE_OUT_OF_MEMORY : LETHE_DEVICE_ERROR;
    }
  }
  ~DeviceBlock() {
    if (data != nullptr) {
      cudaFreeAsync(data, stream_);
    }
  }
  DeviceBlock(const DeviceBlock&) = delete;
  DeviceBlock& operator=(const DeviceBlock&) = delete;

 private:
  cudaStream_t stream_;
};

}  // namespace lethe

#endif  // LETHE_CUDA_LAUNCH_H_
