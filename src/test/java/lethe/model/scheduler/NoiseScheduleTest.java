package lethe.model.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class NoiseScheduleTest {
  private static final NoiseSchedule SCHEDULE = NoiseSchedule.of(SchedulersTest.config());
  private static final long[] TIMESTEPS = {0, 501, 999};

  @Test
  void noisesEverySampleByItsOwnTimestep() {
    try (Scope scope = new Scope()) {
      // Ones and twos: sample b is signal + 2 deviation at its timestep, in every element.
      Tensor clean = torch.ones(3, 1, 2, 2);
      Tensor noisy = SCHEDULE.addNoise(clean, clean.mul(new Scalar(2)), Tensor.create(TIMESTEPS));
      assertArrayEquals(new long[] {3, 1, 2, 2}, noisy.shape());
      assertArrayEquals(expected(1, 2), values(noisy), 1e-6f);
    }
  }

  @Test
  void velocityIsNoiseLessClean() {
    try (Scope scope = new Scope()) {
      Tensor clean = torch.ones(3, 1, 2, 2);
      Tensor velocity = SCHEDULE.velocity(clean, clean.mul(new Scalar(2)), Tensor.create(TIMESTEPS));
      assertArrayEquals(expected(2, -1), values(velocity), 1e-6f);
    }
  }

  @Test
  void noisySamplesKeepTheirDtype() {
    try (Scope scope = new Scope()) {
      Tensor clean = torch.ones(3, 4).to(ScalarType.BFloat16);
      Tensor noisy = SCHEDULE.addNoise(clean, clean, Tensor.create(TIMESTEPS));
      assertEquals(DType.BF16, DType.of(noisy.scalar_type()));
    }
  }

  @Test
  void tensorHoldsTheSameValues() {
    try (Scope scope = new Scope()) {
      float[] values = values(SCHEDULE.alphasCumprod());
      assertEquals(1000, values.length);
      assertEquals(SCHEDULE.alphaCumprod(999), values[999]);
    }
  }

  /** Signal and deviation at every timestep of {@link #TIMESTEPS}, weighted, four times each. */
  private static float[] expected(double signalWeight, double deviationWeight) {
    float[] expected = new float[TIMESTEPS.length * 4];
    for (int i = 0; i < expected.length; i++) {
      double alphaBar = SCHEDULE.alphaCumprod((int) TIMESTEPS[i / 4]);
      expected[i] = (float) (signalWeight * Math.sqrt(alphaBar) + deviationWeight * Math.sqrt(1 - alphaBar));
    }
    return expected;
  }

  private static float[] values(Tensor tensor) {
    float[] values = new float[(int) tensor.numel()];
    tensor.contiguous().data_ptr_float().get(values);
    return values;
  }
}
