// Which instruction set the kernels run with, chosen once per process, and the call of a kernel's variant for it.
#ifndef LETHE_ISA_H_
#define LETHE_ISA_H_

namespace lethe {

// From the least to the best. kAvx512Bf16 is AVX-512 with its instructions for bfloat16.
enum class Isa { kPortable, kAvx2, kAvx512, kAvx512Bf16 };

Isa cpu_isa();

}  // namespace lethe

// Returns kernel(...) of the namespace that holds the best variant: avx512bf16, avx512, avx2 or portable.
#ifdef __x86_64__
#define LETHE_DISPATCH(kernel, ...)              \
  switch (lethe::cpu_isa()) {                    \
    case lethe::Isa::kAvx512Bf16:                \
      return lethe::avx512bf16::kernel(__VA_ARGS__); \
    case lethe::Isa::kAvx512:                    \
      return lethe::avx512::kernel(__VA_ARGS__); \
    case lethe::Isa::kAvx2:                      \
      return lethe::avx2::kernel(__VA_ARGS__);   \
    case lethe::Isa::kPortable:                  \
      break;                                     \
  }                                              \
  return lethe::portable::kernel(__VA_ARGS__)
#else
#define LETHE_DISPATCH(kernel, ...) return lethe::portable::kernel(__VA_ARGS__)
#endif

// Declares the variants: LETHE_DECLARE_VARIANTS(int f(int x)); inside namespace lethe.
#define LETHE_DECLARE_VARIANTS(...) \
  namespace avx512bf16 {            \
  __VA_ARGS__;                      \
  }                                 \
  namespace avx512 {                \
  __VA_ARGS__;                      \
  }                                 \
  namespace avx2 {                  \
  __VA_ARGS__;                      \
  }                                 \
  namespace portable {              \
  __VA_ARGS__;                      \
  }

#endif  // LETHE_ISA_H_
