// pgd_step, compiled once per instruction set (LETHE_ISA). What it computes is in lethe_kernels.h.
//
// Passes over memory. Sign and Adam, without a ball or in an L-infinity one: one. The L2 rule reads the gradient once
// before, for its norm; the L2 ball reads center and reads and writes x once more, when the norm of the perturbation is
// known. Samples of one part take their passes one sample after the other, so that the first cache keeps it in between.
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
constexpr int64_t kSums = 32;  // added side by side: one addition after the other would wait for each

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

// The sum of term(i) over [begin, end), in the same order on every instruction set.
template <typename Term>
double sum_over(int64_t begin, int64_t end, const Term& term) {
  double sums[kSums] = {};
  int64_t i = begin;
  for (; i + kSums <= end; i += kSums) {
#pragma omp simd
    for (int64_t j = 0; j < kSums; j++) {
      sums[j] += term(i + j);
    }
  }
  for (int64_t j = 0; i + j < end; j++) {
    sums[j] += term(i + j);
  }
  double sum = 0;
  for (const double part : sums) {
    sum += part;
  }
  return sum;
}

template <typename Gradient>
double sum_of_squares(const Gradient* values, int64_t begin, int64_t end) {
  return sum_over(begin, end, [=](int64_t i) { return square(widen(values[i])); });
}

// Moves elements [begin, end), which lie in one sample; `kept`, where there is one, takes them as they were. For an L2
// ball, returns the perturbation's sum of squares and leaves the projection to `project`.
template <int kRule, int kBall, bool kKeep, typename Gradient>
double move(const PgdStep<Gradient>& arguments, int64_t begin, int64_t end, const NormalisedStep& normalised,
            float* kept) {
  const PgdStep<Gradient> a = arguments;  // nothing that is written can alias the copies
  const NormalisedStep step = normalised;
  const auto keep = [=](int64_t i) {
    if constexpr (kKeep) {
      kept[i] = a.x[i];
    }
  };
  if constexpr (kBall == LETHE_PGD_L2_BALL) {
    return sum_over(begin, end, [=](int64_t i) {
      keep(i);
      a.x[i] = moved<kRule>(a, i, step);
      return square(a.x[i] - a.center[i]);
    });
  }
#pragma omp simd
  for (int64_t i = begin; i < end; i++) {
    keep(i);
    float x = moved<kRule>(a, i, step);
    if constexpr (kBall == LETHE_PGD_LINF_BALL) {
      x = clamp(x, a.center[i] - a.constants.radius, a.center[i] + a.constants.radius);
    }
    a.x[i] = clamp(x, a.constants.lowest, a.constants.highest);
  }
  return 0;
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
using Move = double (*)(const PgdStep<Gradient>&, int64_t, int64_t, const NormalisedStep&, float*);

template <int kRule, bool kKeep, typename Gradient>
Move<Gradient> choose_move(int ball) {
  return ball == LETHE_PGD_L2_BALL     ? move<kRule, LETHE_PGD_L2_BALL, kKeep, Gradient>
         : ball == LETHE_PGD_LINF_BALL ? move<kRule, LETHE_PGD_LINF_BALL, kKeep, Gradient>
                                       : move<kRule, LETHE_PGD_NO_BALL, kKeep, Gradient>;
}

template <bool kKeep, typename Gradient>
Move<Gradient> choose_move(int rule, int ball) {
  switch (rule) {
    case LETHE_PGD_SIGN:
      return choose_move<LETHE_PGD_SIGN, kKeep, Gradient>(ball);
    case LETHE_PGD_NORMALISED:
      return choose_move<LETHE_PGD_NORMALISED, kKeep, Gradient>(ball);
    case LETHE_PGD_ADAM:
      return choose_move<LETHE_PGD_ADAM, kKeep, Gradient>(ball);
    default:
      return choose_move<LETHE_PGD_SIGN_ADAM, kKeep, Gradient>(ball);
  }
}

double sum_of_parts(const double* parts, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; i++) {
    sum += parts[i];
  }
  return sum;
}

template <bool kKeep, typename Gradient>
int step(const PgdStep<Gradient>& a, float* kept) {
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

  // Calls body(sample, begin, end) with the elements of a part, the sample's and its number in all.
  const auto within = [&](int64_t task, const auto& body) {
    const int64_t sample = task / parts;
    const int64_t begin = sample * a.size + task % parts * kPart;
    const int64_t rest = (sample + 1) * a.size - begin;
    return body(sample, begin, begin + (rest < kPart ? rest : kPart));
  };
  const auto add_gradient = [&](int64_t task) {
    squares[task] = within(
        task, [&](int64_t, int64_t begin, int64_t end) { return sum_of_squares(a.gradient, begin, end); });
  };
  const auto finish_squares = [&](int64_t sample) {
    sample_squares[sample] = sum_of_parts(squares + sample * parts, parts);
  };
  const Move<Gradient> move_part = choose_move<kKeep, Gradient>(a.rule, a.ball);
  const auto move = [&](int64_t task) {
    const double perturbation = within(task, [&](int64_t sample, int64_t begin, int64_t end) {
      return move_part(a, begin, end,
                       normalised ? normalised_step(a.constants, sample_squares[sample]) : NormalisedStep{0, 0}, kept);
    });
    if (ball) {
      squares[task] = perturbation;
    }
  };
  const auto project_part = [&](int64_t task) {
    within(task, [&](int64_t sample, int64_t begin, int64_t end) {
      project(a, begin, end, shrinking(a.constants, sample_squares[sample]));
    });
  };

  if (parts == 1) {
    for_each(threads, a.samples, [&](int64_t sample) {
      if (normalised) {
        add_gradient(sample);
        finish_squares(sample);
      }
      move(sample);
      if (ball) {
        finish_squares(sample);
        project_part(sample);
      }
    });
    return LETHE_OK;
  }
  const int64_t tasks = a.samples * parts;
  if (normalised) {
    for_each(threads, tasks, add_gradient);
    for_each(threads, a.samples, finish_squares);
  }
  for_each(threads, tasks, move);
  if (ball) {
    for_each(threads, a.samples, finish_squares);
    for_each(threads, tasks, project_part);
  }
  return LETHE_OK;
}

}  // namespace

int pgd_step(const PgdStep<float>& a) { return step<false>(a, nullptr); }

int pgd_step(const PgdStep<lethe_bf16>& a) { return step<false>(a, nullptr); }

int pgd_step_keeping(const PgdStep<float>& a, float* kept) { return step<true>(a, kept); }

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
