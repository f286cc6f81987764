package lethe.checkpoint;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** How a canonical tensor lies in the tensor that a file stores. */
enum Layout {
  SAME,

  /** A linear layer's weight [out, in] stored as that of a 1x1 convolution, [out, in, 1, 1]. */
  POINTWISE_CONVOLUTION,

  /** The first third of the rows of a fused projection [3 D, ...], as in {@code torch.nn.MultiheadAttention}. */
  QUERY_ROWS,

  /** The second third. */
  KEY_ROWS,

  /** The last third. */
  VALUE_ROWS;

  private static final int FUSED = 3;

  /** Number of canonical tensors in one stored tensor. */
  int parts() {
    return isFused() ? FUSED : 1;
  }

  /** Shape of the canonical tensor in a stored one of shape {@code stored}. */
  long[] shape(long[] stored) {
    if (this == POINTWISE_CONVOLUTION) {
      return Arrays.copyOf(stored, 2);
    }
    long[] shape = stored.clone();
    if (isFused()) {
      shape[0] /= FUSED;
    }
    return shape;
  }

  /** What a file stores of a canonical tensor; one part of it where {@link #parts()} is more than one. */
  Tensor stored(Tensor canonical) {
    return this == POINTWISE_CONVOLUTION ? canonical.unsqueeze(-1).unsqueeze(-1) : canonical;
  }

  /** The canonical tensor as a view of the stored one; belongs to the current scope. */
  Tensor view(Tensor stored) {
    if (isFused()) {
      long rows = stored.size(0) / FUSED;
      return stored.narrow(0, partIndex() * rows, rows);
    }
    return stored.view(shape(stored.shape()));
  }

  /** Position of this part among those of its stored tensor. */
  int partIndex() {
    return isFused() ? ordinal() - QUERY_ROWS.ordinal() : 0;
  }

  /** Whether a stored tensor of this shape can hold it. */
  boolean fits(long[] stored) {
    if (this == POINTWISE_CONVOLUTION) {
      return stored.length == 4 && stored[2] == 1 && stored[3] == 1;
    }
    return !isFused() || stored.length > 0 && stored[0] % FUSED == 0;
  }

  private boolean isFused() {
    return compareTo(QUERY_ROWS) >= 0;
  }
}
