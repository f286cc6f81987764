// pgd_step on an NVIDIA GPU: simple and correct, not yet fast.
//
// Tiling. A sample is cut into parts of kPart elements, and blocks take parts in turn. Every part's sum of squares is a
// double of its own; a block per sample adds them in a fixed order and no atomic is used, so results are the same in
// every run. Sign and Adam, without a ball or in an L-infinity one, take one launch and one pass over memory; the L2
// rule takes two launches more, for the gradient's norm, and so does the L2 ball, for the perturbation's, and one to
// project.
//
// Memory: a double per part and one per sample. Shared memory: 2 KiB a block.
#include "cuda_launch.h"
#include "pgd_element.h"
#include "pgd_step_checks.h"

namespace lethe {
namespace {

constexpr int kThreads = 256;
constexpr int64_t kPart = 2048;
constexpr int64_t kMaxBlocks = 1 << 16;

// The sum of a block's values, for its first thread. Ends with all threads past their reading of `shared`.
__device__ double block_sum(double value, double* shared) {
  const int thread = static_cast<int>(threadIdx.x);
  shared[thread] = value;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (thread < half) {
      shared[thread] += shared[thread + half];
    }
  }
  __syncthreads();
  const double sum = shared[0];
  __syncthreads();
  return sum;
}

// Part `index` of all samples' parts.
struct Part {
  int64_t sample, begin, end;

  __device__ Part(int64_t index, int64_t size, int64_t parts) {
    sample = index / parts;
    begin = sample * size + index % parts * kPart;
    const int64_t rest = (sample + 1) * size - begin;
    end = begin + (rest < kPart ? rest : kPart);
  }
};

// squares: [samples, parts]
template <typename Gradient>
__global__ void gradient_squares(PgdStep<Gradient> a, int64_t parts, double* squares) {
  __shared__ double shared[kThreads];
  for (int64_t index = blockIdx.x; index < a.samples * parts; index += gridDim.x) {
    const Part part(index, a.size, parts);
    double mine = 0;
    for (int64_t i = part.begin + threadIdx.x; i < part.end; i += kThreads) {
      mine += square(widen(a.gradient[i]));
    }
    const double sum = block_sum(mine, shared);
    if (threadIdx.x == 0) {
      squares[index] = sum;
    }
  }
}

// sums: [samples]
__global__ void sum_parts(const double* squares, int64_t samples, int64_t parts, double* sums) {
  __shared__ double shared[kThreads];
  for (int64_t sample = blockIdx.x; sample < samples; sample += gridDim.x) {
    double mine = 0;
    for (int64_t part = threadIdx.x; part < parts; part += kThreads) {
      mine += squares[sample * parts + part];
    }
    const double sum = block_sum(mine, shared);
    if (threadIdx.x == 0) {
      sums[sample] = sum;
    }
  }
}

// gradient_sums: [samples], for the L2 rule. For the L2 ball, squares, [samples, parts], become the perturbation's, and
// `project` is to follow.
template <int kRule, typename Gradient>
__global__ void move(PgdStep<Gradient> a, int64_t parts, const double* gradient_sums, double* squares) {
  __shared__ double shared[kThreads];
  for (int64_t index = blockIdx.x; index < a.samples * parts; index += gridDim.x) {
    const Part part(index, a.size, parts);
    const NormalisedStep step = kRule == LETHE_PGD_NORMALISED
                                    ? normalised_step(a.constants, gradient_sums[part.sample])
                                    : NormalisedStep{0, 0};
    double mine = 0;
    for (int64_t i = part.begin + threadIdx.x; i < part.end; i += kThreads) {
      float x = moved<kRule>(a, i, step);
      if (a.ball == LETHE_PGD_L2_BALL) {
        mine += square(x - a.center[i]);
      } else {
        if (a.ball == LETHE_PGD_LINF_BALL) {
          x = clamp(x, a.center[i] - a.constants.radius, a.center[i] + a.constants.radius);
        }
        x = clamp(x, a.constants.lowest, a.constants.highest);
      }
      a.x[i] = x;
    }
    if (a.ball == LETHE_PGD_L2_BALL) {
      const double sum = block_sum(mine, shared);
      if (threadIdx.x == 0) {
        squares[index] = sum;
      }
    }
  }
}

template <typename Gradient>
__global__ void project(PgdStep<Gradient> a, int64_t parts, const double* perturbation_sums) {
  for (int64_t index = blockIdx.x; index < a.samples * parts; index += gridDim.x) {
    const Part part(index, a.size, parts);
    const float shrink = shrinking(a.constants, perturbation_sums[part.sample]);
    for (int64_t i = part.begin + threadIdx.x; i < part.end; i += kThreads) {
      a.x[i] = clamp(shrunk(a.x[i], a.center[i], shrink), a.constants.lowest, a.constants.highest);
    }
  }
}

int64_t blocks_for(int64_t tasks) { return tasks < kMaxBlocks ? tasks : kMaxBlocks; }

template <typename Gradient>
using Move = void (*)(PgdStep<Gradient>, int64_t, const double*, double*);

template <typename Gradient>
Move<Gradient> choose_move(int rule) {
  switch (rule) {
    case LETHE_PGD_SIGN:
      return move<LETHE_PGD_SIGN, Gradient>;
    case LETHE_PGD_NORMALISED:
      return move<LETHE_PGD_NORMALISED, Gradient>;
    case LETHE_PGD_ADAM:
      return move<LETHE_PGD_ADAM, Gradient>;
    default:
      return move<LETHE_PGD_SIGN_ADAM, Gradient>;
  }
}

template <typename Gradient>
int step(const PgdStep<Gradient>& a, cudaStream_t stream) {
  const int64_t parts = a.size / kPart + (a.size % kPart != 0);  // of a sample
  const int64_t tasks = a.samples * parts;
  const bool normalised = a.rule == LETHE_PGD_NORMALISED;
  const bool ball = a.ball == LETHE_PGD_L2_BALL;
  int64_t bytes;
  if (__builtin_mul_overflow(a.samples, (parts + 1) * static_cast<int64_t>(sizeof(double)), &bytes)) {
    return LETHE_TOO_LARGE;
  }
  const DeviceBlock block(bytes, stream);
  if (block.status != LETHE_OK) {
    return block.status;
  }
  double* squares = static_cast<double*>(block.data);  // [samples, parts]
  double* sums = squares + tasks;                      // [samples]
  const int64_t blocks = blocks_for(tasks);

  int status = LETHE_OK;
  if (normalised) {
    status = launch(gradient_squares<Gradient>, blocks, kThreads, stream, a, parts, squares);
    if (status == LETHE_OK) {
      status = launch(sum_parts, blocks_for(a.samples), kThreads, stream, squares, a.samples, parts, sums);
    }
  }
  if (status == LETHE_OK) {
    status = launch(choose_move<Gradient>(a.rule), blocks, kThreads, stream, a, parts, sums, squares);
  }
  if (status == LETHE_OK && ball) {
    status = launch(sum_parts, blocks_for(a.samples), kThreads, stream, squares, a.samples, parts, sums);
    if (status == LETHE_OK) {
      status = launch(project<Gradient>, blocks, kThreads, stream, a, parts, sums);
    }
  }
  return status;
}

template <typename Gradient>
int checked_step(int64_t samples, int64_t size, float* x, const Gradient* gradient, const float* center, float* exp_avg,
                 float* exp_avg_sq, int64_t number, const PgdUpdate& update, void* stream) {
  PgdStep<Gradient> a;
  const int status = check_pgd_step(samples, size, x, gradient, center, exp_avg, exp_avg_sq, number, update, a);
  return status != LETHE_OK || nothing_to_do(a) ? status : step(a, static_cast<cudaStream_t>(stream));
}

}  // namespace
}  // namespace lethe

extern "C" int lethe_pgd_step_f32_cuda(int64_t samples, int64_t size, float* x, const float* gradient,  //
                                       const float* center, float* exp_avg, float* exp_avg_sq, int64_t step, int rule,
                                       double step_size, double beta1, double beta2, double eps,  //
                                       int ball, double radius, double lowest, double highest, void* stream) {
  return lethe::checked_step(samples, size, x, gradient, center, exp_avg, exp_avg_sq, step,
                             {rule, step_size, beta1, beta2, eps, ball, radius, lowest, highest}, stream);
}

extern "C" int lethe_pgd_step_bf16_cuda(int64_t samples, int64_t size, float* x, const lethe_bf16* gradient,  //
                                        const float* center, float* exp_avg, float* exp_avg_sq, int64_t step, int rule,
                                        double step_size, double beta1, double beta2, double eps,  //
                                        int ball, double radius, double lowest, double highest, void* stream) {
  return lethe::checked_step(samples, size, x, gradient, center, exp_avg, exp_avg_sq, step,
                             {rule, step_size, beta1, beta2, eps, ball, radius, lowest, highest}, stream);
}
