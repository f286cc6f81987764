#include "cuda_on_host.h"

#include <ucontext.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

LetheHostIndex threadIdx, blockIdx, gridDim;

namespace lethe::cuda_on_host {

Order order = Order::kAscending;

namespace {

constexpr int kWarpThreads = 32;
constexpr size_t kStackBytes = 256 * 1024;

enum class State { kReady, kAtBlockBarrier, kAtWarpBarrier, kShuffling, kDone };

struct Fiber {
  ucontext_t context;
  std::unique_ptr<char[]> stack{new char[kStackBytes]};
  State state = State::kDone;
  // A shuffle's values and the next one's: nobody comes to the one after while somebody still reads these.
  double exchanged[2] = {};  // of a float or a double
  int shuffles = 0;
};

std::vector<Fiber> fibers;
ucontext_t scheduler;
int running;
const std::function<void()>* body;

void run_body() {
  (*body)();
  fibers[running].state = State::kDone;
}

void wait(State barrier) {
  Fiber& fiber = fibers[running];
  fiber.state = barrier;
  swapcontext(&fiber.context, &scheduler);
}

void resume(int thread) {
  running = thread;
  threadIdx.x = static_cast<unsigned>(thread);
  swapcontext(&scheduler, &fibers[thread].context);
}

// Lets threads [first, end) go if all wait at the same barrier, which must be one of a scope of that size.
bool release(int first, int end, bool block_scope) {
  const State barrier = fibers[first].state;
  if (barrier == State::kDone || (barrier == State::kAtBlockBarrier) != block_scope) {
    return false;
  }
  for (int thread = first; thread < end; thread++) {
    if (fibers[thread].state != barrier) {
      return false;
    }
  }
  for (int thread = first; thread < end; thread++) {
    fibers[thread].state = State::kReady;
  }
  return true;
}

bool all_done(int threads) {
  for (int thread = 0; thread < threads; thread++) {
    if (fibers[thread].state != State::kDone) {
      return false;
    }
  }
  return true;
}

void start(Fiber& fiber) {
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack.get();
  fiber.context.uc_stack.ss_size = kStackBytes;
  fiber.context.uc_link = &scheduler;
  makecontext(&fiber.context, run_body, 0);
  fiber.state = State::kReady;
  fiber.shuffles = 0;
}

void run_block(int threads) {
  for (int thread = 0; thread < threads; thread++) {
    start(fibers[thread]);
  }
  while (true) {
    for (int i = 0; i < threads; i++) {
      const int thread = order == Order::kAscending ? i : threads - 1 - i;
      if (fibers[thread].state == State::kReady) {
        resume(thread);
      }
    }
    if (all_done(threads)) {
      return;
    }
    bool released = release(0, threads, true);
    for (int warp = 0; warp < threads; warp += kWarpThreads) {
      released = release(warp, warp + kWarpThreads, false) || released;
    }
    if (!released) {
      std::fprintf(stderr, "cuda_on_host: block %u waits at a barrier that some of its threads never reach\n",
                   blockIdx.x);
      std::abort();
    }
  }
}

}  // namespace

void run_grid(int64_t blocks, int threads, const std::function<void()>& kernel) {
  if (threads % kWarpThreads != 0) {
    std::fprintf(stderr, "cuda_on_host: %d threads are not whole warps\n", threads);
    std::abort();
  }
  if (fibers.size() < static_cast<size_t>(threads)) {
    fibers = std::vector<Fiber>(threads);
  }
  body = &kernel;
  gridDim.x = static_cast<unsigned>(blocks);
  for (int64_t i = 0; i < blocks; i++) {
    blockIdx.x = static_cast<unsigned>(order == Order::kAscending ? i : blocks - 1 - i);
    run_block(threads);
  }
}

}  // namespace lethe::cuda_on_host

using namespace lethe::cuda_on_host;

void __syncthreads() { wait(State::kAtBlockBarrier); }

void __syncwarp() { wait(State::kAtWarpBarrier); }

double __shfl_xor_sync(unsigned mask, double value, int distance) {
  if (mask != 0xffffffff) {
    std::fprintf(stderr, "cuda_on_host: shuffles take whole warps\n");
    std::abort();
  }
  const int thread = running;
  const int turn = fibers[thread].shuffles++ % 2;
  fibers[thread].exchanged[turn] = value;
  wait(State::kShuffling);
  return fibers[thread ^ distance].exchanged[turn];
}

float __shfl_xor_sync(unsigned mask, float value, int distance) {
  return static_cast<float>(__shfl_xor_sync(mask, double{value}, distance));
}

cudaError_t cudaMallocAsync(void** data, size_t bytes, cudaStream_t) {
  *data = std::malloc(bytes);
  if (*data == nullptr) {
    return cudaErrorMemoryAllocation;
  }
  std::memset(*data, 0xff, bytes);
  return cudaSuccess;
}

cudaError_t cudaFreeAsync(void* data, cudaStream_t) {
  std::free(data);
  return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void* data, int value, size_t bytes, cudaStream_t) {
  std::memset(data, value, bytes);
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* target, const void* source, size_t bytes, cudaMemcpyKind, cudaStream_t) {
  std::memcpy(target, source, bytes);
  return cudaSuccess;
}
