package lethe.cli;

import lethe.tensor.DType;

/** The types in which trained weights can be written. */
enum SavedType {
  FP32(DType.F32),
  FP16(DType.F16),
  BF16(DType.BF16);

  private final DType dtype;

  SavedType(DType dtype) {
    this.dtype = dtype;
  }

  DType dtype() {
    return dtype;
  }
}
