package lethe.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The gate on recorded noise: {@code lethe bench compare --against} of one commit with itself, ten rounds on two busy
 * cores. Slowdowns are multiplied in.
 */
class RecordedRunsTest {
  private static final Path FOLDER = Path.of("src/test/resources/gate");
  private static final ResultFile BASE = ResultFile.read(FOLDER.resolve("same-code-base.json"));
  private static final ResultFile SAME = ResultFile.read(FOLDER.resolve("same-code-new.json"));

  private static Comparison compare(double slowdown) {
    Map<BenchmarkKey, Measurement> slower = new TreeMap<>();
    SAME.measurements().forEach((key, m) -> slower.put(key, new Measurement(
        key, m.unit(), m.threads(),
        m.logSeconds().stream()
            .map(fork -> Arrays.stream(fork).map(time -> time + Math.log(slowdown)).toArray())
            .toList())));
    ResultFile candidate = new ResultFile(SAME.source(), new TreeMap<>(slower), SAME.surroundings(), SAME.pairing());
    return new Gate(Gate.DEFAULT_SMALLEST_EFFECT, Gate.DEFAULT_ALPHA).compare(BASE, candidate);
  }

  @Test
  void theSameCodeIsNoRegression() {
    Comparison comparison = compare(1);
    assertTrue(comparison.paired());
    assertEquals(2, comparison.rows().size());
    assertFalse(comparison.hasRegression(), ComparisonText.plain(comparison));
    assertEquals(0, comparison.count(Verdict.FASTER));
  }

  @Test
  void smallSlowdownsDrownInSuchNoise() {
    assertFalse(compare(1.03).hasRegression());
  }

  @Test
  void aFactorOfTwoIsFound() {
    assertEquals(2, compare(2).count(Verdict.SLOWER), ComparisonText.plain(compare(2)));
  }
}
