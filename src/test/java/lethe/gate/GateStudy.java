package lethe.gate;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * How often the gate errs, by simulation: the tables of {@code docs/regression-gate.md}, as Markdown. {@link
 * GateStudyTest} prints them and holds them.
 */
final class GateStudy {
  private static final int RUNS = 1000;
  private static final int BENCHMARKS = 20;
  private static final List<Double> SLOWDOWNS = List.of(1.03, 1.05, 1.10, 1.20, 2.00);
  private static final List<Integer> ROUNDS = List.of(5, 10, 20);

  private GateStudy() {}

  /** Share of whole runs of {@value #BENCHMARKS} benchmarks that end with a regression although there is none. */
  static double falseAlarms(SimulatedRuns machine, double smallestEffect, double slowdown) {
    Random random = new Random(1);
    double[] slowdowns = DoubleStream.generate(() -> slowdown).limit(BENCHMARKS).toArray();
    int alarms = 0;
    for (int run = 0; run < RUNS; run++) {
      if (compare(machine.run(random, slowdowns), smallestEffect).hasRegression()) {
        alarms++;
      }
    }
    return (double) alarms / RUNS;
  }

  /** Share of runs in which the one slower benchmark of {@value #BENCHMARKS} is found. */
  static double power(SimulatedRuns machine, double smallestEffect, double slowdown) {
    Random random = new Random(2);
    double[] slowdowns = DoubleStream.generate(() -> 1).limit(BENCHMARKS).toArray();
    slowdowns[0] = slowdown;
    int found = 0;
    for (int run = 0; run < RUNS; run++) {
      if (compare(machine.run(random, slowdowns), smallestEffect).rows().get(0).verdict() == Verdict.SLOWER) {
        found++;
      }
    }
    return (double) found / RUNS;
  }

  /** Share of intervals for one benchmark that miss the true ratio, for a {@code level} of what is claimed. */
  static double misses(int rounds, double level, ToDoubleBiFunction<double[], Double> halfWidth) {
    Random random = new Random(3);
    int misses = 0;
    int runs = 4 * RUNS;
    for (int run = 0; run < runs; run++) {
      List<ResultFile> sides = SimulatedRuns.noisy(rounds).run(random, 1);
      double[] differences = differences(sides);
      double center = Arrays.stream(differences).average().orElseThrow();
      if (Math.abs(center) > halfWidth.applyAsDouble(differences, level)) {
        misses++;
      }
    }
    return (double) misses / runs;
  }

  static String falseAlarmTable() {
    StringBuilder table = new StringBuilder("| machine | rounds | no change | all slower by just the smallest effect |\n");
    table.append("|---|--:|--:|--:|\n");
    for (int rounds : ROUNDS) {
      for (SimulatedRuns machine : List.of(SimulatedRuns.quiet(rounds), SimulatedRuns.noisy(rounds))) {
        table.append("| %s | %d | %s | %s |\n".formatted(
            name(machine), rounds, percent(falseAlarms(machine, 0.03, 1)), percent(falseAlarms(machine, 0.03, 1.03))));
      }
    }
    return table.toString();
  }

  static String powerTable() {
    String columns = SLOWDOWNS.stream().map(GateStudy::slowdown).collect(Collectors.joining(" | "));
    StringBuilder table = new StringBuilder("| machine | rounds | smallest effect | " + columns + " |\n");
    table.append("|---|--:|--:|").append("--:|".repeat(SLOWDOWNS.size())).append('\n');
    for (int rounds : ROUNDS) {
      for (SimulatedRuns machine : List.of(SimulatedRuns.quiet(rounds), SimulatedRuns.noisy(rounds))) {
        for (double effect : List.of(0.01, 0.03)) {
          String found = SLOWDOWNS.stream()
              .map(slowdown -> percent(power(machine, effect, slowdown)))
              .collect(Collectors.joining(" | "));
          table.append("| %s | %d | %.0f%% | %s |\n".formatted(name(machine), rounds, 100 * effect, found));
        }
      }
    }
    return table.toString();
  }

  static String candidateTable() {
    StringBuilder table = new StringBuilder("| rounds | claimed | Student's t | bootstrap | signed ranks |\n");
    table.append("|--:|--:|--:|--:|--:|\n");
    for (int rounds : List.of(5, 10)) {
      for (double level : List.of(0.05, 0.005)) {
        table.append(String.format(
            Locale.ROOT,
            "| %d | %.1f%% | %.1f%% | %.1f%% | %s |\n",
            rounds,
            100 * level,
            100 * misses(rounds, level, IntervalCandidates::student),
            100 * misses(rounds, level, IntervalCandidates::bootstrap),
            IntervalCandidates.smallestSignedRankLevel(rounds) > level
                ? "cannot"
                : String.format(Locale.ROOT, "%.1f%%", 100 * misses(rounds, level, IntervalCandidates::signedRanks))));
      }
    }
    return table.toString();
  }

  private static double[] differences(List<ResultFile> sides) {
    double[] base = sides.get(0).measurements().values().iterator().next().perFork();
    double[] candidate = sides.get(1).measurements().values().iterator().next().perFork();
    double[] differences = new double[base.length];
    for (int i = 0; i < base.length; i++) {
      differences[i] = candidate[i] - base[i];
    }
    return differences;
  }

  private static Comparison compare(List<ResultFile> sides, double smallestEffect) {
    return new Gate(smallestEffect, Gate.DEFAULT_ALPHA).compare(sides.get(0), sides.get(1));
  }

  private static String name(SimulatedRuns machine) {
    return machine.outliers() == 0 ? "quiet" : "noisy";
  }

  private static String slowdown(double slowdown) {
    return slowdown >= 2 ? "2x" : String.format(Locale.ROOT, "+%.0f%%", 100 * (slowdown - 1));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }
}
