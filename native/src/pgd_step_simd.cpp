// pgd_step, compiled once per instruction set (LETHE_ISA). What it computes is in lethe_kernels.h.
//
// Passes over memory. Sign and Adam, without a ball or in an L-infinity one: one. The L2 rule reads the gradient once
// before, for its norm; the L2 ball reads center and reads and writes x once more, when the norm of the perturbation is
// known. An embedding of 16 x 1024 floats stays in the first caches between the passes.
//
// Parts. A sample is cut into parts of kPart elements. Sums of squares are kept in double, one per part, and added in
// the order of the parts; parts are what threads take. Below kOneThread elements waking threads costs more than they
// save.
//
// Memory: a double per part and two per sample, where a norm is needed at all.
#include <omp.h>
#include <stdint.h>

#include "pgd_element.h"
#include "pgd_step.h"
#include "workspace.h"

namespace lethe {
namespace LETHE_ISA {
namespace {

constexpr int64_t kPart = 4096;
constexpr int64_t kOneThread = 1 << 16;

int64_t parts_of(int64_t size) { return size / kPart + (size % kPart != 0); }

int thread_count(int64_t elements, int64_t parts) {
  if (elements <= kOneThread) {
    return 1;
  }
  const int64_t threads = omp_get_max_threads();
  return static_cast<int>(threads < parts ? threads : parts);
}

template <typename Body>
void for_each(int threads, int64_t count, const Body& body) {
  if (threads == 1) {
    for (int64_t i = 0; i < count; i++) {
      body(i);
    }
    return;
  }
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t i = 0; i < count; i++) {
    body(i);
  }
}

template <typename Gradient>
double sum_of_squares(const Gradient* values, int64_t begin, int64_t end) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = begin; i < end; i++) {
    sum += square(widen(values[i]));
  }
  return sum;
}

// Moves elements [begin, end), which lie in one sample. For an L2 ball, returns the perturbation's sum of squares and
// leaves the projection to `project`.
template <int kRule, int kBall, typename Gradient>
double move(const PgdStep<Gradient>& arguments, int64_t begin, int64_t end, double normalised_step) {
  const PgdStep<Gradient> a = arguments;  // nothing that is written can alias the copy
  double squares = 0;
#pragma omp simd reduction(+ : squares)
  for (int64_t i = begin; i < end; i++) {
    float x = moved<kRule>(a, i, normalised_step);
    if constexpr (kBall == LETHE_PGD_L2_BALL) {
      squares += square(x - a.center[i]);
    } else {
      if constexpr (kBall == LETHE_PGD_LINF_BALL) {
        x = clamp(x, a.center[i] - a.constants.radius, a.center[i] + a.constants.radius);
      }
      x = clamp(x, a.constants.lowest, a.constants.highest);
    }
    a.x[i] = x;
  }
  return squares;
}

template <typename Gradient>
void project(const PgdStep<Gradient>& arguments, int64_t begin, int64_t end, float shrink) {
  const PgdStep<Gradient> a = arguments;
#pragma omp simd
  for (int64_t i = begin; i < end; i++) {
    a.x[i] = clamp(shrunk(a.x[i], a.center[i], shrink), a.constants.lowest, a.constants.highest);
  }
}

template <typename Gradient>
using Move = double (*)(const PgdStep<Gradient>&, int64_t, int64_t, double);

template <int kRule, typename Gradient>
Move<Gradient> choose_move(int ball) {
  return ball == LETHE_PGD_L2_BALL     ? move<kRule, LETHE_PGD_L2_BALL, Gradient>
         : ball == LETHE_PGD_LINF_BALL ? move<kRule, LETHE_PGD_LINF_BALL, Gradient>
                                       : move<kRule, LETHE_PGD_NO_BALL, Gradient>;
}

template <typename Gradient>
Move<Gradient> choose_move(int rule, int ball) {
  switch (rule) {
    case LETHE_PGD_SIGN:
      return choose_move<LETHE_PGD_SIGN, Gradient>(ball);
    case LETHE_PGD_NORMALISED:
      return choose_move<LETHE_PGD_NORMALISED, Gradient>(ball);
    case LETHE_PGD_ADAM:
      return choose_move<LETHE_PGD_ADAM, Gradient>(ball);
    default:
      return choose_move<LETHE_PGD_SIGN_ADAM, Gradient>(ball);
  }
}

double sum_of_parts(const double* parts, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; i++) {
    sum += parts[i];
  }
  return sum;
}

template <typename Gradient>
int step(const PgdStep<Gradient>& a) {
  const int64_t parts = parts_of(a.size);  // of a sample
  const int threads = thread_count(a.samples * a.size, a.samples * parts);
  const bool normalised = a.rule == LETHE_PGD_NORMALISED;
  const bool ball = a.ball == LETHE_PGD_L2_BALL;
  Layout layout;
  layout.add(a.samples, normalised || ball ? 2 * (parts + 1) : 0);
  if (layout.overflowed) {
    return LETHE_TOO_LARGE;
  }
  const Block block(layout.floats);
  if (block.data == nullptr) {
    return LETHE_OUT_OF_MEMORY;
  }
  double* squares = reinterpret_cast<double*>(block.data);  // [samples, parts]
  double* sample_squares = squares + a.samples * parts;     // [samples]

  // Calls body(task, sample, begin, end) for every part.
  const auto for_each_part = [&](const auto& body) {
    for_each(threads, a.samples * parts, [&](int64_t task) {
      const int64_t sample = task / parts;
      const int64_t begin = sample * a.size + task % parts * kPart;
      const int64_t rest = (sample + 1) * a.size - begin;
      body(task, sample, begin, begin + (rest < kPart ? rest : kPart));
    });
  };
  const auto finish_squares = [&] {
    for_each(threads, a.samples,
             [&](int64_t sample) { sample_squares[sample] = sum_of_parts(squares + sample * parts, parts); });
  };

  if (normalised) {
    for_each_part([&](int64_t task, int64_t, int64_t begin, int64_t end) {
      squares[task] = sum_of_squares(a.gradient, begin, end);
    });
    finish_squares();
  }
  const Move<Gradient> move_part = choose_move<Gradient>(a.rule, a.ball);
  for_each_part([&](int64_t task, int64_t sample, int64_t begin, int64_t end) {
    const double step = normalised ? normalised_step(a.constants, sample_squares[sample]) : 0;
    const double perturbation = move_part(a, begin, end, step);
    if (ball) {
      squares[task] = perturbation;
    }
  });
  if (ball) {
    finish_squares();
    for_each_part([&](int64_t, int64_t sample, int64_t begin, int64_t end) {
      project(a, begin, end, shrinking(a.constants, sample_squares[sample]));
    });
  }
  return LETHE_OK;
}

}  // namespace

int pgd_step(const PgdStep<float>& a) { return step(a); }

int pgd_step(const PgdStep<lethe_bf16>& a) { return step(a); }

double pgd_gradient(const PgdGradient& a) {
  double total = 0;
  for (int64_t begin = 0; begin < a.size; begin += kPart) {
    const int64_t end = a.size - begin < kPart ? a.size : begin + kPart;
    total += sum_of_squares(a.gradient, begin, end);
    if (a.sum != nullptr) {
      const bool signs = a.signs;
#pragma omp simd
      for (int64_t i = begin; i < end; i++) {
        const float sum = a.sum[i] + a.gradient[i];
        a.sum[i] = signs ? sign(sum) : sum;
      }
    }
  }
  return total;
}

}  // namespace LETHE_ISA
}  // namespace lethe
