// The C ABI of Lethe's native kernels: raw pointers, sizes and strides. No LibTorch, no C++ types and no exceptions, so
// any caller with a foreign function interface can use it.
//
// Conventions
//   * Sizes: B batch items, H heads, N query rows, T keys (tokens), d channels of a head. Any of them may be 0;
//     a tensor without elements may be a null pointer.
//   * A tensor argument is a pointer and its four strides, in elements, in the order of its dimensions. The last stride
//     must be 1 (else LETHE_UNSUPPORTED), the others not negative: heads of a [B, N, H * d] projection are read and
//     written in place. Outputs must not overlap themselves or any other argument.
//   * The suffix names the element type of the tensors: f32, or bf16 (bfloat16, the upper half of a float). Arithmetic
//     and what has no element type (lse, sums, maps) are float or double; sums over many elements are kept in blocks,
//     no less precise than plain float.
//   * Functions return a LETHE_* status. Outputs are unspecified unless it is LETHE_OK.
//   * The work is spread over the caller's OpenMP threads. No bit of a result depends on how many there are.
#ifndef LETHE_KERNELS_H_
#define LETHE_KERNELS_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LETHE_KERNELS_VERSION "0.1.0"
#define LETHE_API __attribute__((visibility("default")))

// Raw bits of a bfloat16.
typedef uint16_t lethe_bf16;

enum lethe_status {
  LETHE_OK = 0,
  LETHE_BAD_ARGUMENT = -1,   // a negative size, a missing pointer, a scale that no float holds, an overlapping output
  LETHE_UNSUPPORTED = -2,    // a layout the kernel does not take: a last stride other than 1, a negative stride
  LETHE_TOO_LARGE = -3,      // sizes and strides whose byte counts do not fit 63 bits
  LETHE_OUT_OF_MEMORY = -4,  // the workspace could not be allocated
  LETHE_DEVICE_ERROR = -5,   // the accelerator refused the work
};

// A short English phrase for a status; never NULL.
LETHE_API const char* lethe_status_string(int status);

// LETHE_KERNELS_VERSION of the library that was loaded.
LETHE_API const char* lethe_kernels_version(void);

// The instruction set that the kernels run with: "avx512bf16", "avx512", "avx2" or "portable". It is the best one that
// the processor has, unless the environment variable LETHE_ISA names a lesser one; settled at the first call.
LETHE_API const char* lethe_cpu_isa(void);

// attention_scores: cross-attention together with the squared attention that chosen tokens receive, which is what
// attention resteering (Forget-Me-Not, arXiv 2303.17591, section 3) minimises, and with the attention maps of tokens.
//
//   P              = softmax over t of (scale * q k^T)              [B, H, N, T], never stored
//   out            = P v                                            [B, H, N, d]
//   lse            = log of the sum over t of exp(scale * q k^T)    [B, H, N], contiguous; the backward pass needs it,
//                    as double: the rounding of a large float would be an error of all of a query's P
//   sum_of_squares = sum of P[b, h, n, t]^2 over b, h, n and chosen t
//   maps           = mean over h of P[b, h, n, map_tokens[m]]       [B, map_count, N], contiguous; no gradient
//
// q [B, H, N, d]; k, v [B, H, T, d]; columns [B, T], contiguous: not 0 = chosen; NULL = none chosen.
// map_tokens [map_count]: indices in 0..T-1 (else LETHE_BAD_ARGUMENT), may repeat; read before the call returns.
// v and out are given together, or both NULL: then only the scores are computed.
// Where T is 0, out is 0 and lse is -infinity.
LETHE_API int lethe_attention_scores_forward_f32(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                 const float* q, const int64_t* q_strides,               //
                                                 const float* k, const int64_t* k_strides,               //
                                                 const float* v, const int64_t* v_strides,               //
                                                 double scale, const uint8_t* columns,                   //
                                                 float* out, const int64_t* out_strides,                 //
                                                 double* lse, double* sum_of_squares,                    //
                                                 int64_t map_count, const int64_t* map_tokens, float* maps);

LETHE_API int lethe_attention_scores_forward_bf16(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                  const lethe_bf16* q, const int64_t* q_strides,          //
                                                  const lethe_bf16* k, const int64_t* k_strides,          //
                                                  const lethe_bf16* v, const int64_t* v_strides,          //
                                                  double scale, const uint8_t* columns,                   //
                                                  lethe_bf16* out, const int64_t* out_strides,            //
                                                  double* lse, double* sum_of_squares,                    //
                                                  int64_t map_count, const int64_t* map_tokens, float* maps);

// Gradients of  <out, d_out> + d_sum_of_squares * sum_of_squares  with respect to q, k and v:
//
//   dP = d_out v^T + 2 * d_sum_of_squares * P in the chosen columns
//   dS = P * (dP - sum over t of P * dP)
//   dq = scale * dS k        dk = scale * dS^T q        dv = P^T d_out
//
// out and lse are the forward call's. v, out, d_out and dv are given together, or all NULL: out gets no gradient then.
LETHE_API int lethe_attention_scores_backward_f32(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                  const float* q, const int64_t* q_strides,               //
                                                  const float* k, const int64_t* k_strides,               //
                                                  const float* v, const int64_t* v_strides,               //
                                                  double scale, const uint8_t* columns,                   //
                                                  const float* out, const int64_t* out_strides,           //
                                                  const double* lse,                                      //
                                                  const float* d_out, const int64_t* d_out_strides,       //
                                                  double d_sum_of_squares,                                //
                                                  float* dq, const int64_t* dq_strides,                   //
                                                  float* dk, const int64_t* dk_strides,                   //
                                                  float* dv, const int64_t* dv_strides);

LETHE_API int lethe_attention_scores_backward_bf16(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                   const lethe_bf16* q, const int64_t* q_strides,          //
                                                   const lethe_bf16* k, const int64_t* k_strides,          //
                                                   const lethe_bf16* v, const int64_t* v_strides,          //
                                                   double scale, const uint8_t* columns,                   //
                                                   const lethe_bf16* out, const int64_t* out_strides,      //
                                                   const double* lse,                                      //
                                                   const lethe_bf16* d_out, const int64_t* d_out_strides,  //
                                                   double d_sum_of_squares,                                //
                                                   lethe_bf16* dq, const int64_t* dq_strides,              //
                                                   lethe_bf16* dk, const int64_t* dk_strides,              //
                                                   lethe_bf16* dv, const int64_t* dv_strides);

// flash_attention: attention of N queries to T keys, tile by tile, so that no [N, T] matrix is stored
// (FlashAttention-2, arXiv 2307.08691).
//
//   P   = softmax over t of (scale * q k^T)              [B, H, N, T]; causal (not 0): P is 0 where t > n
//   out = P v                                            [B, H, N, d]
//   lse = log of the sum over t of exp(scale * q k^T)    [B, H, N], contiguous; see attention_scores. May be NULL
//
// q [B, H, N, d]; k, v [B, H, T, d]. Where T is 0, out is 0 and lse is -infinity.
LETHE_API int lethe_flash_attention_forward_f32(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                const float* q, const int64_t* q_strides,               //
                                                const float* k, const int64_t* k_strides,               //
                                                const float* v, const int64_t* v_strides,               //
                                                double scale, int causal,                               //
                                                float* out, const int64_t* out_strides,                 //
                                                double* lse);

LETHE_API int lethe_flash_attention_forward_bf16(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                 const lethe_bf16* q, const int64_t* q_strides,          //
                                                 const lethe_bf16* k, const int64_t* k_strides,          //
                                                 const lethe_bf16* v, const int64_t* v_strides,          //
                                                 double scale, int causal,                               //
                                                 lethe_bf16* out, const int64_t* out_strides,            //
                                                 double* lse);

// Gradients of <out, d_out> with respect to q, k and v. out and lse are the forward call's.
//
//   dP = d_out v^T        dS = P * (dP - <out, d_out> of the row)
//   dq = scale * dS k        dk = scale * dS^T q        dv = P^T d_out
LETHE_API int lethe_flash_attention_backward_f32(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                 const float* q, const int64_t* q_strides,               //
                                                 const float* k, const int64_t* k_strides,               //
                                                 const float* v, const int64_t* v_strides,               //
                                                 double scale, int causal,                               //
                                                 const float* out, const int64_t* out_strides,           //
                                                 const double* lse,                                      //
                                                 const float* d_out, const int64_t* d_out_strides,       //
                                                 float* dq, const int64_t* dq_strides,                   //
                                                 float* dk, const int64_t* dk_strides,                   //
                                                 float* dv, const int64_t* dv_strides);

LETHE_API int lethe_flash_attention_backward_bf16(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                  const lethe_bf16* q, const int64_t* q_strides,          //
                                                  const lethe_bf16* k, const int64_t* k_strides,          //
                                                  const lethe_bf16* v, const int64_t* v_strides,          //
                                                  double scale, int causal,                               //
                                                  const lethe_bf16* out, const int64_t* out_strides,      //
                                                  const double* lse,                                      //
                                                  const lethe_bf16* d_out, const int64_t* d_out_strides,  //
                                                  lethe_bf16* dq, const int64_t* dq_strides,              //
                                                  lethe_bf16* dk, const int64_t* dk_strides,              //
                                                  lethe_bf16* dv, const int64_t* dv_strides);

// The same on an NVIDIA GPU, in liblethe_kernels_cuda.so: data pointers are to device memory, strides and map_tokens to
// the host's; `stream` is a cudaStream_t. They return when the work is queued. Host arrays are read before that.
LETHE_API int lethe_attention_scores_forward_f32_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                      const float* q, const int64_t* q_strides,               //
                                                      const float* k, const int64_t* k_strides,               //
                                                      const float* v, const int64_t* v_strides,               //
                                                      double scale, const uint8_t* columns,                   //
                                                      float* out, const int64_t* out_strides,                 //
                                                      double* lse, double* sum_of_squares,                    //
                                                      int64_t map_count, const int64_t* map_tokens, float* maps,
                                                      void* stream);

LETHE_API int lethe_attention_scores_forward_bf16_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                       const lethe_bf16* q, const int64_t* q_strides,          //
                                                       const lethe_bf16* k, const int64_t* k_strides,          //
                                                       const lethe_bf16* v, const int64_t* v_strides,          //
                                                       double scale, const uint8_t* columns,                   //
                                                       lethe_bf16* out, const int64_t* out_strides,            //
                                                       double* lse, double* sum_of_squares,                    //
                                                       int64_t map_count, const int64_t* map_tokens, float* maps,
                                                       void* stream);

LETHE_API int lethe_attention_scores_backward_f32_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                       const float* q, const int64_t* q_strides,               //
                                                       const float* k, const int64_t* k_strides,               //
                                                       const float* v, const int64_t* v_strides,               //
                                                       double scale, const uint8_t* columns,                   //
                                                       const float* out, const int64_t* out_strides,           //
                                                       const double* lse,                                      //
                                                       const float* d_out, const int64_t* d_out_strides,       //
                                                       double d_sum_of_squares,                                //
                                                       float* dq, const int64_t* dq_strides,                   //
                                                       float* dk, const int64_t* dk_strides,                   //
                                                       float* dv, const int64_t* dv_strides, void* stream);

LETHE_API int lethe_attention_scores_backward_bf16_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                        const lethe_bf16* q, const int64_t* q_strides,          //
                                                        const lethe_bf16* k, const int64_t* k_strides,          //
                                                        const lethe_bf16* v, const int64_t* v_strides,          //
                                                        double scale, const uint8_t* columns,                   //
                                                        const lethe_bf16* out, const int64_t* out_strides,      //
                                                        const double* lse,                                      //
                                                        const lethe_bf16* d_out, const int64_t* d_out_strides,  //
                                                        double d_sum_of_squares,                                //
                                                        lethe_bf16* dq, const int64_t* dq_strides,              //
                                                        lethe_bf16* dk, const int64_t* dk_strides,              //
                                                        lethe_bf16* dv, const int64_t* dv_strides, void* stream);

LETHE_API int lethe_flash_attention_forward_f32_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                     const float* q, const int64_t* q_strides,               //
                                                     const float* k, const int64_t* k_strides,               //
                                                     const float* v, const int64_t* v_strides,               //
                                                     double scale, int causal,                               //
                                                     float* out, const int64_t* out_strides,                 //
                                                     double* lse, void* stream);

LETHE_API int lethe_flash_attention_forward_bf16_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                      const lethe_bf16* q, const int64_t* q_strides,          //
                                                      const lethe_bf16* k, const int64_t* k_strides,          //
                                                      const lethe_bf16* v, const int64_t* v_strides,          //
                                                      double scale, int causal,                               //
                                                      lethe_bf16* out, const int64_t* out_strides,            //
                                                      double* lse, void* stream);

LETHE_API int lethe_flash_attention_backward_f32_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                      const float* q, const int64_t* q_strides,               //
                                                      const float* k, const int64_t* k_strides,               //
                                                      const float* v, const int64_t* v_strides,               //
                                                      double scale, int causal,                               //
                                                      const float* out, const int64_t* out_strides,           //
                                                      const double* lse,                                      //
                                                      const float* d_out, const int64_t* d_out_strides,       //
                                                      float* dq, const int64_t* dq_strides,                   //
                                                      float* dk, const int64_t* dk_strides,                   //
                                                      float* dv, const int64_t* dv_strides, void* stream);

LETHE_API int lethe_flash_attention_backward_bf16_cuda(int64_t B, int64_t H, int64_t N, int64_t T, int64_t d,  //
                                                       const lethe_bf16* q, const int64_t* q_strides,          //
                                                       const lethe_bf16* k, const int64_t* k_strides,          //
                                                       const lethe_bf16* v, const int64_t* v_strides,          //
                                                       double scale, int causal,                               //
                                                       const lethe_bf16* out, const int64_t* out_strides,      //
                                                       const double* lse,                                      //
                                                       const lethe_bf16* d_out, const int64_t* d_out_strides,  //
                                                       lethe_bf16* dq, const int64_t* dq_strides,              //
                                                       lethe_bf16* dk, const int64_t* dk_strides,              //
                                                       lethe_bf16* dv, const int64_t* dv_strides, void* stream);

// pgd_step: one update of an attack on an embedding x, in place. Every one of `samples` perturbations of `size`
// elements ([k, D], say) moves by itself; its norms run over all of its elements.
//
//   SIGN       x -= step_size * sign(g)
//   L2         x -= step_size * g / ||g||_2                                        where g is 0, x stays
//   ADAM       m = beta1 m + (1 - beta1) g        v = beta2 v + (1 - beta2) g^2    of step t, counted from 1
//              x -= step_size * m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)
//   SIGN_ADAM  ADAM with sign(g) for g
//
// then the nearest point of the ball around `center`, then the nearest point of [lowest, highest]:
//
//   LINF       x = min(max(x, center - radius), center + radius)
//   L2         x = center + (x - center) * min(1, radius / ||x - center||_2)
//
// x, g, center, m = exp_avg and v = exp_avg_sq: [samples, size], contiguous. `center` may be NULL where there is no
// ball; the moments may be where the rule is not Adam's. step_size is negative to ascend; lowest and highest may be
// infinite. sign(0) is 0; what is not a number stays so. The suffix names the type of the gradient; all else is float.
enum lethe_pgd_rule {
  LETHE_PGD_SIGN = 0,
  LETHE_PGD_NORMALISED = 1,  // L2 above
  LETHE_PGD_ADAM = 2,
  LETHE_PGD_SIGN_ADAM = 3,
};

enum lethe_pgd_ball {
  LETHE_PGD_NO_BALL = 0,
  LETHE_PGD_LINF_BALL = 1,
  LETHE_PGD_L2_BALL = 2,
};

LETHE_API int lethe_pgd_step_f32(int64_t samples, int64_t size, float* x, const float* gradient,  //
                                 const float* center, float* exp_avg, float* exp_avg_sq, int64_t step, int rule,
                                 double step_size, double beta1, double beta2, double eps,  //
                                 int ball, double radius, double lowest, double highest);

LETHE_API int lethe_pgd_step_bf16(int64_t samples, int64_t size, float* x, const lethe_bf16* gradient,  //
                                  const float* center, float* exp_avg, float* exp_avg_sq, int64_t step, int rule,
                                  double step_size, double beta1, double beta2, double eps,  //
                                  int ball, double radius, double lowest, double highest);

// The same on an NVIDIA GPU: pointers are to device memory, `stream` is a cudaStream_t.
LETHE_API int lethe_pgd_step_f32_cuda(int64_t samples, int64_t size, float* x, const float* gradient,  //
                                      const float* center, float* exp_avg, float* exp_avg_sq, int64_t step, int rule,
                                      double step_size, double beta1, double beta2, double eps,  //
                                      int ball, double radius, double lowest, double highest, void* stream);

LETHE_API int lethe_pgd_step_bf16_cuda(int64_t samples, int64_t size, float* x, const lethe_bf16* gradient,  //
                                       const float* center, float* exp_avg, float* exp_avg_sq, int64_t step, int rule,
                                       double step_size, double beta1, double beta2, double eps,  //
                                       int ball, double radius, double lowest, double highest, void* stream);

// pgd_loop: the inner loop of an attack. For step = 0, 1, ... below `steps`:
//
//   1. where `cancel` points to a number other than 0, stop: LETHE_PGD_CANCELLED. Another thread may write it
//   2. loss, g = callback(context, step, x, gradient, &loss)      stop if it returns anything but 0: LETHE_PGD_CANCELLED
//   3. losses[step] = loss, gradient_norms[step] = ||g||_2 over all samples
//      stop if either is not finite: LETHE_PGD_NOT_FINITE
//   4. if the loss is lower than all before: best = x, *best_step = step
//   5. stop if |loss - losses[step - 1]| <= tolerance: LETHE_PGD_TOLERANCE. A negative tolerance never stops
//   6. pgd_step, from moments that begin as 0. With `accumulate`, it takes the sum of all g so far, as in a loop that never
//      zeroes its gradient; for SIGN_ADAM that sum is replaced by its signs each time (both as AdvUnlearn published them)
//
// The callback overwrites `gradient` and neither keeps nor changes x. x begins as the start, and ends as the last
// iterate, whose loss nobody has asked for. `center`, where there is a ball: NULL means the start. x, gradient, center
// and best: [samples, size], contiguous. losses, gradient_norms, nanoseconds: [steps], written up to *recorded;
// nanoseconds are the time of a step, callback included, and each may be NULL. best is the start and *best_step -1
// where no step was judged. Statuses other than LETHE_OK are for arguments and memory; *stop says how a loop ended.
enum lethe_pgd_stop {
  LETHE_PGD_STEPS = 0,
  LETHE_PGD_TOLERANCE = 1,
  LETHE_PGD_CANCELLED = 2,
  LETHE_PGD_NOT_FINITE = 3,
};

typedef int (*lethe_pgd_callback)(void* context, int64_t step, const float* x, float* gradient, double* loss);

LETHE_API int lethe_pgd_loop_f32(int64_t samples, int64_t size, float* x, const float* center, float* gradient,
                                 float* best,                                                             //
                                 int rule, double step_size, double beta1, double beta2, double eps,      //
                                 int ball, double radius, double lowest, double highest,                  //
                                 int64_t steps, double tolerance, int accumulate,                         //
                                 lethe_pgd_callback callback, void* context, const volatile int* cancel,  //
                                 double* losses, double* gradient_norms, int64_t* nanoseconds,            //
                                 int64_t* recorded, int64_t* best_step, int* stop);

// simplex_projection: every row onto the probability simplex, that is the nearest point with no negative element and
// the sum 1. Exact: found by Newton's method on the threshold, which ends at the root, not by bisection.
//
//   out[r, i] = max(x[r, i] - threshold, 0)        with the one threshold of each row for which it sums to 1
//
// x, out: [rows, columns], the elements of a row side by side, rows `stride` elements apart. out may be x, with the
// same stride. A row that has no nearest point, because it holds a NaN, +infinity or nothing but -infinity, becomes
// NaN.
LETHE_API int lethe_simplex_projection_f32(int64_t rows, int64_t columns, const float* x, int64_t x_stride,  //
                                           float* out, int64_t out_stride);

LETHE_API int lethe_simplex_projection_bf16(int64_t rows, int64_t columns, const lethe_bf16* x, int64_t x_stride,  //
                                            lethe_bf16* out, int64_t out_stride);

// The same on an NVIDIA GPU: pointers are to device memory, `stream` is a cudaStream_t.
LETHE_API int lethe_simplex_projection_f32_cuda(int64_t rows, int64_t columns, const float* x, int64_t x_stride,  //
                                                float* out, int64_t out_stride, void* stream);

LETHE_API int lethe_simplex_projection_bf16_cuda(int64_t rows, int64_t columns, const lethe_bf16* x, int64_t x_stride,  //
                                                 lethe_bf16* out, int64_t out_stride, void* stream);

// fused_adamw: a step of AdamW (arXiv 1711.05101) over many tensors, with clipping of the gradients by the L2 norm of
// all of them together. In PyTorch's formulas and order of operations, t = step, counted from 1:
//
//   norm = sqrt(sum of g^2 over all tensors)        g = g * min(1, max_norm / (norm + 1e-6))
//   p = p * (1 - learning_rate * weight_decay)
//   m = beta1 * m + (1 - beta1) * g
//   v = beta2 * v + (1 - beta2) * g^2
//   p = p - learning_rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
//   copy = p, rounded to bf16
//
// p, m = exp_avg and v = exp_avg_sq are updated in place; gradients are only read. sizes: elements of each tensor. A
// tensor whose gradient is NULL is passed over. copies may be NULL, and so may each of them. Where max_norm is infinite
// nothing is clipped and the norm is not formed: *norm is NaN. norm may be NULL. weight_decay 0 makes it Adam. The
// suffix names the type of the gradients.
LETHE_API int lethe_fused_adamw_f32(int64_t tensors, const int64_t* sizes,  //
                                    float* const* parameters, const float* const* gradients,
                                    float* const* exp_avg, float* const* exp_avg_sq,
                                    lethe_bf16* const* copies, int64_t step,  //
                                    double learning_rate, double beta1, double beta2, double eps,  //
                                    double weight_decay, double max_norm, double* norm);

LETHE_API int lethe_fused_adamw_bf16(int64_t tensors, const int64_t* sizes,  //
                                     float* const* parameters, const lethe_bf16* const* gradients,
                                     float* const* exp_avg, float* const* exp_avg_sq,
                                     lethe_bf16* const* copies, int64_t step,  //
                                     double learning_rate, double beta1, double beta2, double eps,  //
                                     double weight_decay, double max_norm, double* norm);

// The same on an NVIDIA GPU: the arrays of sizes and of pointers are the host's and are read before the call returns,
// what these point to and `norm` are device memory; `stream` is a cudaStream_t.
LETHE_API int lethe_fused_adamw_f32_cuda(int64_t tensors, const int64_t* sizes,  //
                                         float* const* parameters, const float* const* gradients,
                                         float* const* exp_avg, float* const* exp_avg_sq,
                                         lethe_bf16* const* copies, int64_t step,  //
                                         double learning_rate, double beta1, double beta2, double eps,  //
                                         double weight_decay, double max_norm, double* norm, void* stream);

LETHE_API int lethe_fused_adamw_bf16_cuda(int64_t tensors, const int64_t* sizes,  //
                                          float* const* parameters, const lethe_bf16* const* gradients,
                                          float* const* exp_avg, float* const* exp_avg_sq,
                                          lethe_bf16* const* copies, int64_t step,  //
                                          double learning_rate, double beta1, double beta2, double eps,  //
                                          double weight_decay, double max_norm, double* norm, void* stream);

#ifdef __cplusplus
}
#endif

#endif  // LETHE_KERNELS_H_
