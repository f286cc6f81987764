package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SizesTest {
  @Test
  void haveThreeDigits() {
    assertEquals("860 B", Sizes.text(860));
    assertEquals("1.00 kB", Sizes.text(1000));
    assertEquals("15.2 MB", Sizes.text(15_234_000));
    assertEquals("1.00 GB", Sizes.text(999_600_000));
    assertEquals("3.44 GB", Sizes.text(3_440_000_000L));
  }
}
