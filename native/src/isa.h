// Which instruction set the kernels run with, chosen once per process.
#ifndef LETHE_ISA_H_
#define LETHE_ISA_H_

namespace lethe {

enum class Isa { kPortable, kAvx2, kAvx512 };

Isa cpu_isa();

}  // namespace lethe

#endif  // LETHE_ISA_H_
