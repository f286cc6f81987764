package lethe.gate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** The gate on simulated runs of 20 benchmarks; {@link GateStudyTest} holds how often it errs. */
class GateTest {
  private static final Gate GATE = new Gate(0.03, 0.05);

  private static double[] slowdowns(double... first) {
    return DoubleStream.concat(Arrays.stream(first), DoubleStream.generate(() -> 1)).limit(20).toArray();
  }

  private static Comparison compare(SimulatedRuns machine, double... first) {
    List<ResultFile> sides = machine.run(new Random(7), slowdowns(first));
    return GATE.compare(sides.get(0), sides.get(1));
  }

  private static List<String> slower(Comparison comparison) {
    return comparison.rows().stream()
        .filter(row -> row.verdict() == Verdict.SLOWER)
        .map(row -> row.key().toString())
        .collect(Collectors.toList());
  }

  @Test
  void noiseAloneIsNoRegression() {
    assertFalse(compare(SimulatedRuns.noisy(10)).hasRegression());
  }

  @Test
  void aQuietMachineShowsThatNothingChanged() {
    Comparison comparison = compare(SimulatedRuns.quiet(20));
    assertEquals(20, comparison.count(Verdict.SAME));
  }

  @Test
  void threePercentAreFoundWhereOnePercentMatters() {
    List<ResultFile> sides = SimulatedRuns.quiet(20).run(new Random(7), slowdowns(1.03));
    Comparison comparison = new Gate(0.01, 0.05).compare(sides.get(0), sides.get(1));
    assertEquals(List.of("B.b000"), slower(comparison));
  }

  @Test
  void tenPercentAreFound() {
    assertEquals(List.of("B.b000"), slower(compare(SimulatedRuns.quiet(10), 1.1)));
  }

  @Test
  void aFactorOfTwoIsFoundOnANoisyMachineInFiveRounds() {
    Comparison comparison = compare(SimulatedRuns.noisy(5), 2);
    assertEquals(List.of("B.b000"), slower(comparison));
    Comparison.Row row = comparison.rows().get(0);
    assertTrue(row.low() < 2 && 2 < row.high(), row.toString());
    assertEquals(10, row.base(), 2);
    assertEquals(20, row.candidate(), 4);
  }

  @Test
  void slowerAndFasterAreToldApart() {
    Comparison comparison = compare(SimulatedRuns.quiet(10), 1.2, 0.8, 1.3, 0.5);
    assertEquals(List.of("B.b000", "B.b002"), slower(comparison));
    assertEquals(2, comparison.count(Verdict.FASTER));
  }

  /** The machine is half as fast again at the end; every round's pair sees the same machine. */
  @Test
  void driftCancelsWithinPairs() {
    SimulatedRuns machine = new SimulatedRuns(10, 0.005, 0.01, 0, Math.log(1.5));
    assertFalse(compare(machine).hasRegression());
    assertEquals(List.of("B.b000"), slower(compare(machine, 1.2)));
  }

  @Test
  void separateRunsAreComparedWithAWarning() {
    List<ResultFile> sides = SimulatedRuns.quiet(10).run(new Random(7), Optional.empty(), slowdowns(1.2));
    Comparison comparison = GATE.compare(sides.get(0), sides.get(1));
    assertFalse(comparison.paired());
    assertEquals(List.of("B.b000"), slower(comparison));
    assertTrue(comparison.warnings().get(0).contains("two separate runs"), comparison.warnings().toString());
  }

  /** Within one fork the spread is small, and says nothing of the next fork. */
  @Test
  void oneForkShowsGrossChangesOnly() {
    List<ResultFile> sides = SimulatedRuns.quiet(1).run(new Random(7), Optional.empty(), 1.08, 1, 2);
    Comparison comparison = GATE.compare(sides.get(0), sides.get(1));
    assertEquals(List.of("B.b002"), slower(comparison));
    assertTrue(comparison.warnings().stream().anyMatch(warning -> warning.contains("3 of 3 benchmarks ran in one fork")));
  }

  @Test
  void holmHoldsTheSmallestToAlphaOverTheirNumberAndTheRestToMore() {
    double[] levels = Holm.levels(new double[] {0.04, 0.001, 0.02, 0.9}, 0.06);
    assertArrayEquals(new double[] {0.03, 0.015, 0.02, 0.03}, levels, 1e-12);
  }

  @Test
  void holmStopsAtTheFirstThatFails() {
    double[] levels = Holm.levels(new double[] {0.04, 0.05, 0.045}, 0.05);
    assertArrayEquals(new double[] {0.05 / 3, 0.05 / 3, 0.05 / 3}, levels, 1e-12);
  }

  /** Worked by hand; Student's t with 3 degrees of freedom has its 97.5th percentile at 3.182446. */
  @Test
  void theIntervalsAreStudentsAndWelchs() {
    double[] base = {1, 2, 4, 3};
    double[] candidate = {3, 5, 4, 8};
    LogRatio paired = LogRatio.paired(base, candidate);
    assertEquals(2.5, paired.mean(), 1e-12);
    assertEquals(3.182446 * Math.sqrt(13 / 3.0 / 4), paired.halfWidth(0.05), 1e-5);
    LogRatio unpaired = LogRatio.unpaired(base, candidate);
    assertEquals(Math.sqrt(5 / 12.0 + 7 / 6.0), unpaired.standardError(), 1e-12);
    assertEquals(4.9005, unpaired.degrees(), 1e-4);
  }
}
