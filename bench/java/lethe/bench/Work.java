package lethe.bench;

import lethe.tensor.DType;

/**
 * What one call of a benchmark has to do at least, whoever computes it: the basis of GFLOP/s and GB/s.
 *
 * @param flops floating-point operations, a fused multiply-add counting as two; 0 where only memory counts
 * @param bytes read and written if every input is read once and every output written once; 0 where only arithmetic counts
 * @param type element type of the arithmetic, whose matrix product is the ceiling of {@code flops}
 */
public record Work(double flops, double bytes, DType type) {
  private static Work current;

  /** Tells {@link Roofline} what the benchmark that is being set up does in a call. For its {@code @Setup}. */
  public static synchronized void perCall(double flops, double bytes, DType type) {
    current = new Work(flops, bytes, type);
  }

  /** What {@link #perCall} was last told in this JVM, or null. */
  static synchronized Work current() {
    return current;
  }

  /** The share of {@code ceilings} that a call in {@code seconds} reaches: the time the machine needs by that time. */
  double fraction(MachineCeilings ceilings, double seconds) {
    double floor = Math.max(flops / (1e9 * ceilings.gflops(type)), bytes / (1e9 * ceilings.gbps()));
    return floor / seconds;
  }
}
