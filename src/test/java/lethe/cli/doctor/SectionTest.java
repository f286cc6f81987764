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
}
