package lethe.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LearningRateTest {
  @Test
  void risesAndStays() {
    LearningRate rate = new LearningRate(LearningRate.Shape.CONSTANT, 1, 4, 100);
    assertEquals(0.25, rate.at(0));
    assertEquals(1, rate.at(3));
    assertEquals(1, rate.at(1000));
  }

  @Test
  void fallsAlongACosineToZero() {
    LearningRate rate = new LearningRate(LearningRate.Shape.COSINE, 2, 1, 100);
    assertEquals(2, rate.at(0));
    assertEquals(1, rate.at(50), 1e-12);
    assertEquals(0, rate.at(100), 1e-12);
    assertEquals(0, rate.at(200), 1e-12);
  }
}
