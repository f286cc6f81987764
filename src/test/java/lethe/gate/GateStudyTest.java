package lethe.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Holds the rates of error that {@code docs/regression-gate.md} states. The slow tests print its tables. */
class GateStudyTest {
  private static final Path PAGE = Path.of("docs/regression-gate.md");
  private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)?");

  /** Percentage points that another processor's logarithm may move a rate of 1000 runs by. */
  private static final double TOLERANCE = 0.5;

  /** Half of the 5% lie on the side of FASTER; three standard errors for 1000 runs are 1.5 points. */
  private static final double MOST_FALSE_ALARMS = 0.025 + 0.015;

  @Test
  void nothingChangedRaisesNoAlarm() {
    assertTrue(GateStudy.falseAlarms(SimulatedRuns.noisy(5), 0.03, 1) < 0.005);
    assertTrue(GateStudy.falseAlarms(SimulatedRuns.quiet(10), 0.03, 1) < 0.005);
  }

  @Test
  void theSmallestEffectItselfRaisesNoMoreAlarmsThanStated() {
    assertTrue(GateStudy.falseAlarms(SimulatedRuns.noisy(5), 0.03, 1.03) < MOST_FALSE_ALARMS);
    assertTrue(GateStudy.falseAlarms(SimulatedRuns.noisy(10), 0, 1) < MOST_FALSE_ALARMS);
  }

  @Test
  void slowdownsAreFound() {
    assertTrue(GateStudy.power(SimulatedRuns.quiet(10), 0.01, 1.03) > 0.9);
    assertTrue(GateStudy.power(SimulatedRuns.quiet(5), 0.03, 1.1) > 0.99);
    assertTrue(GateStudy.power(SimulatedRuns.noisy(10), 0.03, 1.1) > 0.75);
    assertTrue(GateStudy.power(SimulatedRuns.noisy(5), 0.03, 2) > 0.99);
  }

  @Test
  @Tag("slow")
  void thePageHasTheFalseAlarms() throws IOException {
    assertOnPage(GateStudy.falseAlarmTable());
  }

  @Test
  @Tag("slow")
  void thePageHasThePower() throws IOException {
    assertOnPage(GateStudy.powerTable());
  }

  @Test
  @Tag("slow")
  void thePageHasTheComparisonOfCandidates() throws IOException {
    assertOnPage(GateStudy.candidateTable());
  }

  /** Every line of {@code table} stands on the page, its numbers within {@link #TOLERANCE}. */
  private static void assertOnPage(String table) throws IOException {
    System.out.println(table);
    List<String> lines = Files.readAllLines(PAGE);
    int start = lines.indexOf(table.lines().findFirst().orElseThrow());
    assertTrue(start >= 0, "the page lacks the table");
    List<String> expected = table.lines().toList();
    List<String> found = lines.subList(start, start + expected.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(words(expected.get(i)), words(found.get(i)));
      List<Double> numbers = numbers(expected.get(i));
      for (int j = 0; j < numbers.size(); j++) {
        assertEquals(numbers.get(j), numbers(found.get(i)).get(j), TOLERANCE, found.get(i));
      }
    }
  }

  private static String words(String line) {
    return NUMBER.matcher(line).replaceAll("N");
  }

  private static List<Double> numbers(String line) {
    return NUMBER.matcher(line).results().map(MatchResult::group).map(Double::valueOf).toList();
  }
}
