package lethe.gate;

import java.util.List;

/**
 * What the gate found.
 *
 * @param base what the first side is called
 * @param candidate what the second side is called
 * @param missing benchmarks that only one side has, or that cannot be compared, with the reason
 * @param warnings why the whole is to be read with care
 */
public record Comparison(
    String base, String candidate, Gate gate, boolean paired, List<Row> rows, List<Missing> missing,
    List<String> warnings) {

  /**
   * One benchmark.
   *
   * @param base typical score, in {@code unit}
   * @param candidate typical score of the new build, in {@code unit}
   * @param ratio time of the new build / time of the base, whatever the unit: above 1 is slower
   * @param low lower end of the ratio's interval
   * @param high upper end
   * @param forks of the base and of the new build
   */
  public record Row(
      BenchmarkKey key, String unit, double base, double candidate, double ratio, double low, double high,
      List<Integer> forks, Verdict verdict) {}

  /** A benchmark that was not compared. */
  public record Missing(BenchmarkKey key, String reason) {}

  /** The same, with other names for the two sides. */
  public Comparison named(String base, String candidate) {
    return new Comparison(base, candidate, gate, paired, rows, missing, warnings);
  }

  public boolean hasRegression() {
    return count(Verdict.SLOWER) > 0;
  }

  public long count(Verdict verdict) {
    return rows.stream().filter(row -> row.verdict() == verdict).count();
  }
}
