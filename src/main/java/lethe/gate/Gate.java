package lethe.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import lethe.error.UserException;

/**
 * Decides which benchmarks have changed.
 *
 * @param smallestEffect the smallest change that matters: 0.03 for 3% more time
 * @param alpha the chance, over all benchmarks together, that a change within the smallest effect is called one beyond
 */
public record Gate(double smallestEffect, double alpha) {
  public static final double DEFAULT_SMALLEST_EFFECT = 0.03;
  public static final double DEFAULT_ALPHA = 0.05;

  /**
   * Compares all that both files hold.
   *
   * @throws UserException if they hold nothing in common
   */
  public Comparison compare(ResultFile base, ResultFile candidate) {
    List<Measurement[]> pairs = new ArrayList<>();
    List<Comparison.Missing> missing = new ArrayList<>();
    SortedSet<BenchmarkKey> keys = new TreeSet<>(base.measurements().keySet());
    keys.addAll(candidate.measurements().keySet());
    for (BenchmarkKey key : keys) {
      Measurement before = base.measurements().get(key);
      Measurement after = candidate.measurements().get(key);
      String obstacle = obstacle(base, candidate, before, after);
      if (obstacle == null) {
        pairs.add(new Measurement[] {before, after});
      } else {
        missing.add(new Comparison.Missing(key, obstacle));
      }
    }
    if (pairs.isEmpty()) {
      throw UserException.failed("%s and %s have no benchmark in common; compare runs of the same benchmarks"
          .formatted(base.source(), candidate.source()));
    }
    boolean paired = base.isPairedWith(candidate);
    return new Comparison(
        "base", "new", this, paired, rows(pairs, paired), missing, Warnings.of(base, candidate, pairs));
  }

  /** Why the two are not compared, or null. */
  private static String obstacle(ResultFile base, ResultFile candidate, Measurement before, Measurement after) {
    if (before == null) {
      return "only in the new: " + relative(base, candidate.measurements().keySet(), after.key());
    }
    if (after == null) {
      return "only in the base: " + relative(candidate, base.measurements().keySet(), before.key());
    }
    if (before.threads() != after.threads()) {
      return "called by %d threads in the base, by %d in the new".formatted(before.threads(), after.threads());
    }
    return null;
  }

  /** Whether the side that lacks {@code key} has the benchmark with other parameters, or in another mode. */
  private static String relative(ResultFile lacking, Set<BenchmarkKey> having, BenchmarkKey key) {
    for (BenchmarkKey other : lacking.measurements().keySet()) {
      if (other.name().equals(key.name()) && !having.contains(other)) {
        boolean sameMode = other.mode().equals(key.mode());
        return sameMode ? "there its parameters are others" : "there its mode is " + other.mode();
      }
    }
    return "not run there";
  }

  private List<Comparison.Row> rows(List<Measurement[]> pairs, boolean paired) {
    double margin = Math.log1p(smallestEffect);
    LogRatio[] ratios = new LogRatio[pairs.size()];
    double[] pValues = new double[pairs.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ratio(pairs.get(i)[0], pairs.get(i)[1], paired);
      pValues[i] = ratios[i].pValue(margin);
    }
    double[] levels = Holm.levels(pValues, alpha);
    List<Comparison.Row> rows = new ArrayList<>();
    for (int i = 0; i < ratios.length; i++) {
      rows.add(row(pairs.get(i)[0], pairs.get(i)[1], ratios[i], ratios[i].halfWidth(levels[i]), margin));
    }
    return rows;
  }

  private static LogRatio ratio(Measurement base, Measurement candidate, boolean paired) {
    boolean inRounds = paired && base.forks() == candidate.forks() && base.forks() > 1;
    return inRounds
        ? LogRatio.paired(base.perFork(), candidate.perFork())
        : LogRatio.unpaired(base.perFork(), candidate.perFork());
  }

  private static Comparison.Row row(
      Measurement base, Measurement candidate, LogRatio ratio, double halfWidth, double margin) {
    double low = ratio.mean() - halfWidth;
    double high = ratio.mean() + halfWidth;
    return new Comparison.Row(
        base.key(),
        base.unit().text(),
        base.score(),
        candidate.score() * inUnitOf(base.unit(), candidate.unit()),
        Math.exp(ratio.mean()),
        Math.exp(low),
        Math.exp(high),
        List.of(base.forks(), candidate.forks()),
        Verdict.of(low, high, margin));
  }

  /** The factor that turns a score in {@code unit} into one in {@code target}; both are times, or both throughputs. */
  private static double inUnitOf(Unit target, Unit unit) {
    double factor = unit.seconds() / target.seconds();
    return unit.throughput() ? 1 / factor : factor;
  }
}
