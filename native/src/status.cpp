#include "lethe_kernels.h"

extern "C" const char* lethe_status_string(int status) {
  switch (status) {
    case LETHE_OK:
      return "ok";
    case LETHE_BAD_ARGUMENT:
      return "bad argument";
    case LETHE_UNSUPPORTED:
      return "unsupported memory layout";
    case LETHE_TOO_LARGE:
      return "sizes too large to address";
    case LETHE_OUT_OF_MEMORY:
      return "out of memory";
    case LETHE_DEVICE_ERROR:
      return "device error";
    default:
      return "unknown status";
  }
}

extern "C" const char* lethe_kernels_version(void) { return LETHE_KERNELS_VERSION; }
