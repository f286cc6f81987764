package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
  private final Capture capture = new Capture();
  private long seconds;

  private ProgressBar bar(boolean interactive, long total) {
    return new ProgressBar(capture.terminal(interactive), "resteering", 0, total, () -> seconds * 1_000_000_000L);
  }

  @Test
  void redrawsOneLineOnATerminal() {
    try (ProgressBar bar = bar(true, 4)) {
      for (int step = 1; step <= 4; step++) {
        seconds += 10;
        bar.step(step, 10.0 / step);
      }
    }
    List<String> drawn = List.of(capture.err().split("\r\u001b\\[K"));
    assertEquals("resteering [#####...............] 1/4  loss 10.00  10.0 s/step  0:30 left", drawn.get(1));
    assertEquals("resteering [####################] 4/4  loss 2.500  10.0 s/step  0:40 in all\n", drawn.get(4));
    assertEquals(5, drawn.size());
  }

  @Test
  void fastStepsAreNotAllDrawn() {
    try (ProgressBar bar = bar(true, 1000)) {
      for (int step = 1; step <= 1000; step++) {
        bar.step(step, "");
      }
    }
    assertEquals(2, capture.err().chars().filter(c -> c == '\r').count());
    assertTrue(capture.err().contains(" 1000/1000 "), capture.err());
  }

  @Test
  void writesPlainLinesEveryFewPercentElsewhere() {
    try (ProgressBar bar = bar(false, 200)) {
      for (int step = 1; step <= 200; step++) {
        seconds++;
        bar.step(step, "");
      }
    }
    List<String> lines = capture.err().lines().toList();
    assertEquals("resteering 1/200  1.00 s/step  3:19 left", lines.get(0));
    assertEquals("resteering 10/200  1.00 s/step  3:10 left", lines.get(1));
    assertEquals("resteering 200/200  1.00 s/step  3:20 in all", lines.get(20));
    assertEquals(21, lines.size());
  }

  @Test
  void timeLeftDoesNotCountTheWarmUp() {
    ProgressBar bar = bar(false, 10);
    seconds = 100;
    bar.step(1, "");
    seconds = 102;
    bar.step(2, "");
    assertTrue(capture.err().endsWith("2/10  2.00 s/step  0:16 left\n"), capture.err());
  }

  /** Of a run that goes on from step 600, what it took before is not known. */
  @Test
  void aResumedRunCountsItsOwnStepsOnly() {
    Terminal terminal = capture.terminal(false);
    try (ProgressBar bar = new ProgressBar(terminal, "x", 600, 1000, () -> seconds * 1_000_000_000L)) {
      for (int step = 601; step <= 650; step++) {
        seconds += 3;
        bar.step(step, "");
      }
    }
    assertEquals(
        List.of("x 601/1000  3.00 s/step  19:57 left", "x 650/1000  3.00 s/step  17:30 left"),
        capture.err().lines().toList());
  }

  @Test
  void otherLinesReplaceTheBarAndItComesBackBelow() {
    Terminal terminal = capture.terminal(true);
    try (ProgressBar bar = new ProgressBar(terminal, "x", 0, 2, () -> seconds++ * 1_000_000_000L)) {
      bar.step(1, "");
      terminal.note("stopping");
      bar.step(2, "");
    }
    assertTrue(capture.err().contains("left\r\u001b[Kstopping\n\r\u001b[Kx [####"), capture.err());
  }

  @Test
  void quietShowsNothing() {
    try (ProgressBar bar = new ProgressBar(capture.terminal(true).silenced(), "x", 2)) {
      bar.step(1, 1.0);
      bar.step(2, 1.0);
    }
    assertEquals("", capture.err());
  }

  @Test
  void clocksAreShort() {
    assertEquals("0:07", ProgressBar.clock(7.4));
    assertEquals("12:34", ProgressBar.clock(754));
    assertEquals("1:02:03", ProgressBar.clock(3723));
  }
}
