package lethe.gate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * Two builds measured in rounds on a machine as they are: whose speed drifts, whose forks differ from each other, and
 * whose neighbours now and then slow an iteration down a lot. All spreads are standard deviations of logarithms.
 *
 * @param forks rounds of each build
 * @param forkSpread from fork to fork of one build
 * @param iterationSpread from iteration to iteration of one fork
 * @param outliers share of the iterations that take 1.3 to 3 times as long
 * @param drift by how much the machine slows from the first round to the last
 */
record SimulatedRuns(int forks, double forkSpread, double iterationSpread, double outliers, double drift) {
  private static final int ITERATIONS = 5;
  private static final Unit UNIT = Unit.parse("ms/op");

  /** A machine that does nothing else. */
  static SimulatedRuns quiet(int forks) {
    return new SimulatedRuns(forks, 0.005, 0.01, 0, 0);
  }

  /** One that others use too: a twentieth of the iterations hit, and 10% slower at the end than at the start. */
  static SimulatedRuns noisy(int forks) {
    return new SimulatedRuns(forks, 0.02, 0.03, 0.05, Math.log(1.1));
  }

  /** The two sides of an interleaved run with one benchmark for each of {@code slowdowns}. */
  List<ResultFile> run(Random random, double... slowdowns) {
    return run(random, Optional.of("one run"), slowdowns);
  }

  /** The same, of which each side may be told to be a run of its own. */
  List<ResultFile> run(Random random, Optional<String> pairing, double... slowdowns) {
    TreeMap<BenchmarkKey, Measurement> base = new TreeMap<>();
    TreeMap<BenchmarkKey, Measurement> candidate = new TreeMap<>();
    for (int i = 0; i < slowdowns.length; i++) {
      BenchmarkKey key = new BenchmarkKey("lethe.bench.B.b%03d".formatted(i), "avgt", new TreeMap<>());
      List<double[]> before = new ArrayList<>();
      List<double[]> after = new ArrayList<>();
      for (int fork = 0; fork < forks; fork++) {
        // As the command interleaves them: A B, B A, A B and so on.
        int first = fork % 2;
        before.add(fork(random, 2 * fork + first, 1));
        after.add(fork(random, 2 * fork + 1 - first, slowdowns[i]));
      }
      base.put(key, new Measurement(key, UNIT, 1, before));
      candidate.put(key, new Measurement(key, UNIT, 1, after));
    }
    Surroundings machine = new Surroundings(Map.of("cpu", "simulated"));
    return List.of(
        new ResultFile(Path.of("base.json"), base, machine, pairing),
        new ResultFile(Path.of("new.json"), candidate, machine, pairing));
  }

  private double[] fork(Random random, int position, double slowdown) {
    double center = Math.log(0.01) + Math.log(slowdown) + drift * position / Math.max(1, 2 * forks - 1)
        + forkSpread * random.nextGaussian();
    double[] iterations = new double[ITERATIONS];
    for (int i = 0; i < ITERATIONS; i++) {
      iterations[i] = center + iterationSpread * random.nextGaussian();
      if (random.nextDouble() < outliers) {
        iterations[i] += Math.log(1.3 + 1.7 * random.nextDouble());
      }
    }
    return iterations;
  }
}
