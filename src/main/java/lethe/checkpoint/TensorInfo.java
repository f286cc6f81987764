package lethe.checkpoint;

import lethe.tensor.DType;

/**
 * What a safetensors header says of one tensor.
 *
 * @param dtype type of the elements
 * @param shape sizes; empty for a scalar
 * @param begin first byte of the data, counted from the start of the file
 * @param end one past the last byte of the data
 */
public record TensorInfo(DType dtype, long[] shape, long begin, long end) {
  public TensorInfo {
    shape = shape.clone();
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** Number of elements; 1 for a scalar. */
  public long elements() {
    return bytes() / dtype.bytes();
  }

  public long bytes() {
    return end - begin;
  }
}
