package lethe.report.cost;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A method's cost for people: per step, and the least time it can take. */
public final class CostTable {
  /** H100 SXM, from its data sheet: TF32 on tensor cores without sparsity, and HBM3. */
  private static final double H100_GFLOPS = 494_700;

  private static final double H100_GBS = 3_350;

  private CostTable() {}

  /**
   * @param gigaflopsPerSecond what this machine can do at best; 0 if not known
   * @param gigabytesPerSecond likewise
   */
  public static List<String> lines(List<Phase> phases, double gigaflopsPerSecond, double gigabytesPerSecond) {
    boolean here = gigaflopsPerSecond > 0 || gigabytesPerSecond > 0;
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format("%-36s %7s %12s %12s", "phase of one step", "times", "TFLOP", "GB")
            + (here ? String.format(" %14s", "floor here, s") : "")
            + String.format(" %14s", "H100, s"));
    double[] sums = new double[4];
    for (Phase phase : phases) {
      double[] numbers = {
        phase.flops() / 1e12,
        phase.bytes() / 1e9,
        floor(phase, gigaflopsPerSecond, gigabytesPerSecond),
        floor(phase, H100_GFLOPS, H100_GBS)
      };
      lines.add(line(phase.name(), String.format(Locale.ROOT, "%.4g", phase.times()), numbers, here));
      for (int i = 0; i < sums.length; i++) {
        sums[i] += numbers[i];
      }
    }
    lines.add(line("all", "", sums, here));
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "float32; every operation reads its inputs and writes its outputs once. H100: reckoned from its data sheet"
                + " (%.0f TFLOP/s in TF32, %.2f TB/s), never run.",
            H100_GFLOPS / 1e3,
            H100_GBS / 1e3));
    return lines;
  }

  private static String line(String name, String times, double[] numbers, boolean here) {
    return String.format(Locale.ROOT, "%-36s %7s %12.4f %12.2f", name, times, numbers[0], numbers[1])
        + (here ? String.format(Locale.ROOT, " %14.3f", numbers[2]) : "")
        + String.format(Locale.ROOT, " %14.5f", numbers[3]);
  }

  /** Seconds: neither the arithmetic nor the memory can be faster than this. */
  private static double floor(Phase phase, double gigaflopsPerSecond, double gigabytesPerSecond) {
    return Math.max(
        over(phase.flops() / 1e9, gigaflopsPerSecond), over(phase.bytes() / 1e9, gigabytesPerSecond));
  }

  private static double over(double amount, double rate) {
    return rate > 0 ? amount / rate : 0;
  }
}
