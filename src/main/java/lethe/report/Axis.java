package lethe.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where numbers lie on one axis of a chart, and which of them are written on it.
 *
 * @param low value at the start of the axis
 * @param high value at its end, more than {@code low}
 * @param logarithmic whether equal lengths are equal ratios
 */
record Axis(double low, double high, boolean logarithmic) {
  /** The least ratio of the largest to the smallest value that is clearer on a logarithmic axis. */
  private static final double LOGARITHMIC_FROM = 30;

  private static final int TICKS = 6;
  private static final double[] ROUND_STEPS = {1, 2, 5, 10};

  /** An axis of whole numbers, which begins and ends with its values; one value alone lies in the middle. */
  static Axis ofSteps(double first, double last) {
    return first == last ? new Axis(first - 1, first + 1, false) : new Axis(first, last, false);
  }

  /** An axis for values of a loss: from 0, or logarithmic if all are positive and far apart. */
  static Axis ofValues(double smallest, double largest) {
    if (smallest > 0 && largest / smallest >= LOGARITHMIC_FROM) {
      return new Axis(
          Math.pow(10, Math.floor(Math.log10(smallest))), Math.pow(10, Math.ceil(Math.log10(largest))), true);
    }
    double low = Math.min(0, smallest);
    double high = largest > low ? largest : low + 1;
    double step = roundStep((high - low) / TICKS);
    return new Axis(Math.floor(low / step) * step, Math.ceil(high / step) * step, false);
  }

  /** Place of a value, from 0 at the start of the axis to 1 at its end. */
  double position(double value) {
    return logarithmic
        ? Math.log(value / low) / Math.log(high / low)
        : (value - low) / (high - low);
  }

  /** Round values on the axis, rising. */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    if (logarithmic) {
      for (long power = Math.round(Math.log10(low)); power <= Math.round(Math.log10(high)); power++) {
        ticks.add(Math.pow(10, power));
      }
      return ticks;
    }
    double step = roundStep((high - low) / TICKS);
    for (long i = (long) Math.ceil(low / step); i * step <= high + step / 1e6; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** A tick as it is written: {@code 0.002}, {@code 1e-05}. */
  static String label(double tick) {
    String plain = String.format(Locale.ROOT, "%.6f", tick).replaceAll("\\.?0+$", "");
    boolean exact = Math.abs(Double.parseDouble(plain.isEmpty() ? "0" : plain) - tick) <= Math.abs(tick) * 1e-6;
    boolean readable = tick == 0 || Math.abs(tick) >= 1e-3 && Math.abs(tick) < 1e6;
    return exact && readable ? plain : String.format(Locale.ROOT, "%.0e", tick);
  }

  /** The smallest of 1, 2, 5, 10, ... times a power of ten that is not below {@code least}. */
  private static double roundStep(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double step : ROUND_STEPS) {
      if (step * power >= least * (1 - 1e-9)) {
        return step * power;
      }
    }
    throw new AssertionError(least);
  }
}
