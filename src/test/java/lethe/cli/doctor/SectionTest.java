package lethe.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SectionTest {
  @Test
  void anErrorIsTheProblemAndKeepsTheFactsBeforeIt() {
    Section section = Section.of("libtorch", facts -> {
      facts.put("version", "2");
      throw new UnsatisfiedLinkError("no jnitorch in java.library.path\nat ...");
    });
    assertEquals(Map.of("version", "2"), section.facts());
    assertEquals("java.lang.UnsatisfiedLinkError: no jnitorch in java.library.path", section.problem());
  }

  @Test
  void sizesHaveThreeDigits() {
    assertEquals("860 B", Sizes.text(860));
    assertEquals("1.00 kB", Sizes.text(1000));
    assertEquals("15.2 MB", Sizes.text(15_234_000));
    assertEquals("1.00 GB", Sizes.text(999_600_000));
    assertEquals("3.44 GB", Sizes.text(3_440_000_000L));
  }
}
