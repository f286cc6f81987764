#include "isa.h"

#include <cstdlib>
#include <cstring>
#include <initializer_list>

#include "lethe_kernels.h"

namespace lethe {
namespace {

Isa best_isa() {
#if defined(LETHE_AVX512_ON_HOST)
  return Isa::kAvx512Bf16;  // whose instructions the native tests write out
#elif defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return __builtin_cpu_supports("avx512bf16") ? Isa::kAvx512Bf16 : Isa::kAvx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return Isa::kAvx2;
  }
#endif
  return Isa::kPortable;
}

const char* name(Isa isa) {
  switch (isa) {
    case Isa::kAvx512Bf16:
      return "avx512bf16";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kPortable:
      break;
  }
  return "portable";
}

Isa choose_isa() {
  const Isa best = best_isa();
  const char* wanted = std::getenv("LETHE_ISA");
  if (wanted != nullptr) {
    for (Isa isa : {Isa::kPortable, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16}) {
      if (std::strcmp(wanted, name(isa)) == 0 && isa <= best) {
        return isa;
      }
    }
  }
  return best;
}

}  // namespace

Isa cpu_isa() {
  static const Isa isa = choose_isa();
  return isa;
}

}  // namespace lethe

extern "C" const char* lethe_cpu_isa(void) { return lethe::name(lethe::cpu_isa()); }
