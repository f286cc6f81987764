// simplex_projection on an NVIDIA GPU: simple and correct, not yet fast.
//
// A block takes a row at a time, its threads every 256th element; the method is that of simplex_projection_simd.cpp.
// Sums are made in a tree, in double, so results are the same in every run.
//
// Memory: none but x and out. Shared memory: 4 KiB a block.
#include "bf16.h"
#include "cuda_launch.h"
#include "simplex_projection.h"
#include "simplex_projection_checks.h"

namespace lethe {
namespace {

constexpr int kThreads = 256;
constexpr int64_t kMaxBlocks = 1 << 16;

struct Partial {
  double value, count;
};

struct Add {
  __device__ static double combine(double a, double b) { return a + b; }
};

struct Larger {
  __device__ static double combine(double a, double b) { return a > b ? a : b; }
};

// Every thread's values combined and counts added, given to all of them. `shared`: [kThreads]
template <typename Values>
__device__ Partial combine(Partial mine, Partial* shared) {
  const int thread = static_cast<int>(threadIdx.x);
  shared[thread] = mine;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (thread < half) {
      shared[thread].value = Values::combine(shared[thread].value, shared[thread + half].value);
      shared[thread].count += shared[thread + half].count;
    }
  }
  __syncthreads();
  const Partial all = shared[0];
  __syncthreads();
  return all;
}

template <typename Element>
__global__ void project_rows(SimplexProjection<Element> a) {
  __shared__ Partial shared[kThreads];
  for (int64_t row = blockIdx.x; row < a.rows; row += gridDim.x) {
    const Element* x = a.x + row * a.x_stride;
    Partial mine = {-INFINITY, 0};
    for (int64_t i = threadIdx.x; i < a.columns; i += kThreads) {
      const double value = widen(x[i]);
      mine.value = value > mine.value ? value : mine.value;
      mine.count += value != value ? 1 : 0;
    }
    const Partial first = combine<Larger>(mine, shared);
    const bool projectable = first.count == 0 && first.value - first.value == 0;
    const double largest = projectable ? first.value : static_cast<double>(NAN);

    double threshold = -1;
    double count = INFINITY;
    bool done = !projectable;
    while (!done) {
      mine = {0, 0};
      for (int64_t i = threadIdx.x; i < a.columns; i += kThreads) {
        const double value = widen(x[i]) - largest;
        mine.value += value > threshold ? value : 0;
        mine.count += value > threshold ? 1 : 0;
      }
      const Partial above = combine<Add>(mine, shared);
      done = above.count >= count;
      if (!done) {
        threshold = (above.value - 1) / above.count;
        count = above.count;
      }
    }
    for (int64_t i = threadIdx.x; i < a.columns; i += kThreads) {
      const double value = widen(x[i]) - largest - threshold;
      narrow(static_cast<float>(value < 0 ? 0 : value), a.out[row * a.out_stride + i]);
    }
  }
}

template <typename Element>
int project(const SimplexProjection<Element>& a, void* stream) {
  const int status = check(a);
  if (status != LETHE_OK || nothing_to_do(a)) {
    return status;
  }
  return launch(project_rows<Element>, a.rows < kMaxBlocks ? a.rows : kMaxBlocks, kThreads,
                static_cast<cudaStream_t>(stream), a);
}

}  // namespace
}  // namespace lethe

extern "C" int lethe_simplex_projection_f32_cuda(int64_t rows, int64_t columns, const float* x, int64_t x_stride,  //
                                                 float* out, int64_t out_stride, void* stream) {
  return lethe::project<float>({rows, columns, x, x_stride, out, out_stride}, stream);
}

extern "C" int lethe_simplex_projection_bf16_cuda(int64_t rows, int64_t columns,             //
                                                  const lethe_bf16* x, int64_t x_stride,  //
                                                  lethe_bf16* out, int64_t out_stride, void* stream) {
  return lethe::project<lethe_bf16>({rows, columns, x, x_stride, out, out_stride}, stream);
}
