package lethe.profile;

/**
 * What an operation costs at least.
 *
 * <p>The formulas count matrix products exactly (a multiplication and an addition are two operations, as in every
 * published figure) and norms at a few operations an element. What is element by element beside them, activations,
 * residuals and biases, is left out: under one part in a hundred of a UNet.
 *
 * @param flops floating-point operations
 * @param bytes inputs read once and outputs written once
 */
public record Work(long flops, long bytes) {
  public static final Work NONE = new Work(0, 0);

  /** Mean, variance, subtraction, division and the affine map. */
  private static final long NORM_FLOPS = 8;

  /** Moments, bias corrections, root, division, decay and update. */
  private static final long ADAMW_FLOPS = 15;

  /** Reads and writes parameter and two moments, reads the gradient. */
  private static final long ADAMW_MOVES = 7;

  /** One pass for the threshold, a subtraction, a comparison and an addition, and one to subtract it and clip. */
  private static final long SIMPLEX_FLOPS = 5;

  /** Direction, product and subtraction. */
  private static final long PGD_FLOPS = 3;

  /** Subtracts the centre, shrinks or clips, adds the centre. */
  private static final long PGD_BALL_FLOPS = 4;

  /** Moments, root and division. */
  private static final long ADAM_FLOPS = 10;

  /** {@code [rows, in] x [in, out]}. */
  public static Work linear(long rows, long in, long out, long elementBytes) {
    return new Work(2 * rows * in * out, elementBytes * (rows * in + in * out + rows * out));
  }

  /** A square convolution to {@code batch} maps of {@code outPositions} positions. */
  public static Work conv2d(
      long batch, long in, long out, long kernel, long inPositions, long outPositions, long elementBytes) {
    long weights = in * out * kernel * kernel;
    return new Work(
        2 * batch * outPositions * weights, elementBytes * (batch * (in * inPositions + out * outPositions) + weights));
  }

  /** softmax(q k^T) v with q [B, H, N, d] and k, v [B, H, T, d]; without v the second product is left out. */
  public static Work attention(
      long heads, long rows, long tokens, long channels, boolean withValues, long elementBytes) {
    long products = withValues ? 2 : 1;
    return new Work(
        products * 2 * heads * rows * tokens * channels,
        elementBytes * heads * channels * products * (rows + tokens));
  }

  /** The gradients of {@link #attention}: probabilities once more, then one product for each gradient and for dP. */
  public static Work attentionBackward(
      long heads, long rows, long tokens, long channels, boolean withValues, long elementBytes) {
    long products = withValues ? 5 : 3;
    return new Work(
        products * 2 * heads * rows * tokens * channels,
        elementBytes * heads * channels * (withValues ? 4 : 2) * (rows + tokens));
  }

  public static Work norm(long elements, long elementBytes) {
    return new Work(NORM_FLOPS * elements, 2 * elements * elementBytes);
  }

  /** One step of AdamW over float32 parameters. */
  public static Work adamW(long parameters) {
    return new Work(ADAMW_FLOPS * parameters, ADAMW_MOVES * Float.BYTES * parameters);
  }

  /** The nearest points of the probability simplex; Newton's further passes over the rows depend on the data. */
  public static Work simplexProjection(long elements, long elementBytes) {
    return new Work(SIMPLEX_FLOPS * elements, 2 * elements * elementBytes);
  }

  /** One update of a float32 iterate along a gradient, with the ball's projection and Adam's moments where asked. */
  public static Work pgdStep(long elements, boolean ball, boolean adam, long gradientBytes) {
    long flops = PGD_FLOPS + (ball ? PGD_BALL_FLOPS : 0) + (adam ? ADAM_FLOPS : 0);
    long floats = 2 + (ball ? 1 : 0) + (adam ? 4 : 0);
    return new Work(flops * elements, (floats * Float.BYTES + gradientBytes) * elements);
  }

  public Work plus(Work other) {
    return new Work(flops + other.flops, bytes + other.bytes);
  }

  public Work times(long count) {
    return new Work(count * flops, count * bytes);
  }
}
