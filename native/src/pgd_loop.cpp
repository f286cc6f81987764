// pgd_loop on the CPU. Nothing here depends on the instruction set: updates and sums are pgd_step's.
//
// Memory: [samples, size] floats each for the start where it is the center, for Adam's two moments and for the sum of
// gradients where they are accumulated; taken before the first step.
#include <chrono>
#include <cmath>
#include <cstring>

#include "pgd_step_checks.h"
#include "workspace.h"

namespace lethe {
namespace {

struct Callback {
  lethe_pgd_callback function;
  void* context;
  const volatile int* cancel;
};

// What the caller is told of every step; each may be NULL.
struct Records {
  double* losses;
  double* gradient_norms;
  int64_t* nanoseconds;
};

class PgdLoop {
 public:
  // The constants of `move` are those of the first step.
  PgdLoop(const PgdStep<float>& move, const PgdUpdate& update, const PgdGradient& gradient, float* callback_gradient,
          float* best, double tolerance, const Records& records)
      : move_(move),
        update_(update),
        gradient_(gradient),
        callback_gradient_(callback_gradient),
        best_(best),
        tolerance_(tolerance),
        records_(records) {
    keep();
  }

  int64_t recorded() const { return recorded_; }
  int64_t best_step() const { return best_step_; }
  lethe_pgd_stop stop() const { return stop_; }

  // A LETHE_* status.
  int run(int64_t steps, const Callback& callback) {
    for (int64_t step = 0; step < steps; step++) {
      const auto begin = std::chrono::steady_clock::now();
      double loss = NAN;
      if ((callback.cancel != nullptr && *callback.cancel != 0) ||
          callback.function(callback.context, step, move_.x, callback_gradient_, &loss) != 0) {
        stop_ = LETHE_PGD_CANCELLED;
        return LETHE_OK;
      }
      int status = LETHE_OK;
      const Verdict verdict = judge(loss);
      if (verdict.going && !nothing_to_do(move_)) {
        move_.constants = pgd_constants(step + 1, update_);
        status = verdict.best ? pgd_step_keeping(move_, best_) : pgd_step(move_);
      }
      if (verdict.best && (!verdict.going || status != LETHE_OK)) {
        keep();  // no step was made that would have
      }
      if (records_.nanoseconds != nullptr) {
        const auto time = std::chrono::steady_clock::now() - begin;
        records_.nanoseconds[step] = std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
      }
      if (!verdict.going || status != LETHE_OK) {
        return status;
      }
    }
    return LETHE_OK;
  }

 private:
  struct Verdict {
    bool going, best;  // whether the loop goes on; whether the iterate is to be kept
  };

  // Records what the callback found.
  Verdict judge(double loss) {
    const double norm = std::sqrt(pgd_gradient(gradient_));
    const int64_t step = recorded_++;
    if (records_.losses != nullptr) {
      records_.losses[step] = loss;
    }
    if (records_.gradient_norms != nullptr) {
      records_.gradient_norms[step] = norm;
    }
    if (!std::isfinite(loss) || !std::isfinite(norm)) {
      stop_ = LETHE_PGD_NOT_FINITE;
      return {false, false};
    }
    const bool best = best_step_ < 0 || loss < best_loss_;
    if (best) {
      best_step_ = step;
      best_loss_ = loss;
    }
    const bool converged = step > 0 && std::fabs(loss - previous_loss_) <= tolerance_;
    previous_loss_ = loss;
    if (converged) {
      stop_ = LETHE_PGD_TOLERANCE;
    }
    return {!converged, best};
  }

  void keep() {
    if (gradient_.size > 0) {
      std::memcpy(best_, move_.x, static_cast<size_t>(gradient_.size) * sizeof(float));
    }
  }

  PgdStep<float> move_;
  const PgdUpdate update_;
  const PgdGradient gradient_;
  float* const callback_gradient_;
  float* const best_;
  const double tolerance_;
  const Records records_;
  lethe_pgd_stop stop_ = LETHE_PGD_STEPS;
  int64_t recorded_ = 0, best_step_ = -1;
  double best_loss_ = 0, previous_loss_ = 0;
};

}  // namespace
}  // namespace lethe

extern "C" int lethe_pgd_loop_f32(int64_t samples, int64_t size, float* x, const float* center, float* gradient,
                                  float* best,                                                             //
                                  int rule, double step_size, double beta1, double beta2, double eps,      //
                                  int ball, double radius, double lowest, double highest,                  //
                                  int64_t steps, double tolerance, int accumulate,                         //
                                  lethe_pgd_callback callback, void* context, const volatile int* cancel,  //
                                  double* losses, double* gradient_norms, int64_t* nanoseconds,            //
                                  int64_t* recorded, int64_t* best_step, int* stop) {
  const lethe::PgdUpdate update = {rule, step_size, beta1, beta2, eps, ball, radius, lowest, highest};
  const bool center_is_start = ball != LETHE_PGD_NO_BALL && center == nullptr;
  lethe::PgdStep<float> move;
  // The moments, which are the loop's own, pass as x.
  const int status = lethe::check_pgd_step(samples, size, x, gradient, center_is_start ? x : center, x, x, 1, update,
                                           move);
  if (status != LETHE_OK) {
    return status;
  }
  if (steps < 0 || std::isnan(tolerance) || callback == nullptr || recorded == nullptr || best_step == nullptr ||
      stop == nullptr || (best == nullptr && !lethe::nothing_to_do(move))) {
    return LETHE_BAD_ARGUMENT;
  }

  const int64_t elements = samples * size;
  lethe::Layout layout;
  const int64_t start = layout.add(center_is_start, elements);
  const int64_t exp_avg = layout.add(lethe::uses_moments(rule), elements);
  const int64_t exp_avg_sq = layout.add(lethe::uses_moments(rule), elements);
  const int64_t sum = layout.add(accumulate != 0, elements);
  if (layout.overflowed) {
    return LETHE_TOO_LARGE;
  }
  const lethe::Block block(layout.floats);
  if (block.data == nullptr) {
    return LETHE_OUT_OF_MEMORY;
  }
  std::memset(block.data, 0, static_cast<size_t>(layout.floats) * sizeof(float));
  if (center_is_start && elements > 0) {
    std::memcpy(block.data + start, x, static_cast<size_t>(elements) * sizeof(float));
    move.center = block.data + start;
  }
  move.exp_avg = block.data + exp_avg;
  move.exp_avg_sq = block.data + exp_avg_sq;
  float* const sum_of_gradients = accumulate != 0 ? block.data + sum : nullptr;
  if (accumulate != 0) {
    move.gradient = sum_of_gradients;
  }

  lethe::PgdLoop loop(move, update, {elements, gradient, sum_of_gradients, rule == LETHE_PGD_SIGN_ADAM}, gradient, best,
                      tolerance, {losses, gradient_norms, nanoseconds});
  const int outcome = loop.run(steps, {callback, context, cancel});
  *recorded = loop.recorded();
  *best_step = loop.best_step();
  *stop = loop.stop();
  return outcome;
}
