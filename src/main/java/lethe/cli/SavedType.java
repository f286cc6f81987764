package lethe.cli;

import lethe.tensor.DType;

/** The types in which trained weights can be written. Loads no native code, unlike {@link DType}. */
enum SavedType {
  FP32,
  FP16,
  BF16;

  /** Looked up late: DType brings LibTorch's classes with it, and help does without those. */
  DType dtype() {
    return switch (this) {
      case FP32 -> DType.F32;
      case FP16 -> DType.F16;
      case BF16 -> DType.BF16;
    };
  }
}
