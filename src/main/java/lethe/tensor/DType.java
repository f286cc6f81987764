package lethe.tensor;

import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types, under the names that safetensors headers use. */
public enum DType {
  F64(8, ScalarType.Double, "fp64"),
  F32(4, ScalarType.Float, "fp32"),
  F16(2, ScalarType.Half, "fp16"),
  BF16(2, ScalarType.BFloat16, "bf16"),
  I64(8, ScalarType.Long, "int64"),
  I32(4, ScalarType.Int, "int32"),
  I16(2, ScalarType.Short, "int16"),
  I8(1, ScalarType.Char, "int8"),
  U8(1, ScalarType.Byte, "uint8"),
  BOOL(1, ScalarType.Bool, "bool");

  private final int bytes;
  private final ScalarType scalarType;
  private final String shortName;

  DType(int bytes, ScalarType scalarType, String shortName) {
    this.bytes = bytes;
    this.scalarType = scalarType;
    this.shortName = shortName;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  public ScalarType scalarType() {
    return scalarType;
  }

  /** The name users type and read: {@code fp32}, {@code bf16}. */
  public String shortName() {
    return shortName;
  }

  public boolean isFloat() {
    return this == F64 || this == F32 || this == F16 || this == BF16;
  }

  /** Tensor options of this type on the CPU; owned by the current {@link Scope}. */
  public TensorOptions options() {
    return new TensorOptions(scalarType);
  }

  /** The type of a LibTorch scalar type, or an {@link IllegalArgumentException} for one that checkpoints never hold. */
  public static DType of(ScalarType scalarType) {
    for (DType type : values()) {
      if (type.scalarType == scalarType.intern()) {
        return type;
      }
    }
    throw new IllegalArgumentException("unsupported element type " + scalarType);
  }
}
