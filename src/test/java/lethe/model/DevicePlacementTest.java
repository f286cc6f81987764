package lethe.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.model.scheduler.NoiseSchedule;
import lethe.model.scheduler.Scheduler;
import lethe.model.scheduler.SchedulerConfig;
import lethe.model.scheduler.Schedulers;
import lethe.model.vae.LatentDistribution;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is made beside the networks lies on their device. LibTorch's meta device stands in for a GPU: it refuses to mix
 * devices as a GPU does. Convolutions, norms and attention do not run on it, so whole networks cannot be tried.
 */
class DevicePlacementTest {
  private static final Checkpoint MODEL = Checkpoint.open(Path.of("src/test/resources/golden/sd1-tiny"));

  static List<String> schedulers() {
    return Schedulers.NAMES;
  }

  private static Tensor onMeta(long... shape) {
    return torch.zeros(shape, Device.META.options(DType.F32));
  }

  @Test
  void weightsAndLatentsLieWhereTheModelWasLoaded() {
    try (Scope scope = new Scope();
        StableDiffusion model = StableDiffusion.load(MODEL, Device.META)) {
      assertEquals(Device.META, model.device());
      for (var network : List.of(model.textEncoder(), model.unet(), model.vae())) {
        network.parameters().forEach((name, weight) -> assertEquals(Device.META, Device.of(weight), name));
      }
      Tensor latents = model.startLatents(0, 128, 64);
      assertEquals(Device.META, Device.of(latents));
      assertArrayEquals(new long[] {1, 4, 16, 8}, latents.shape());
    }
  }

  @ParameterizedTest
  @MethodSource("schedulers")
  void samplersStepOnTheDevice(String name) {
    SchedulerConfig config = SchedulerConfig.of(MODEL.config(Component.SCHEDULER));
    try (Scope scope = new Scope();
        Scheduler scheduler = Schedulers.create(name, config)) {
      scheduler.setTimesteps(5);
      Tensor sample = onMeta(1, 4, 8, 8);
      for (int i = 0; i < scheduler.timesteps().length; i++) {
        sample = scheduler.step(scheduler.scaleModelInput(sample, i), i, sample);
      }
      assertEquals(Device.META, Device.of(sample));
    }
  }

  @Test
  void noiseComesToTheDevice() {
    try (Scope scope = new Scope()) {
      LatentDistribution posterior = new LatentDistribution(onMeta(2, 4, 8, 8), onMeta(2, 4, 8, 8));
      assertEquals(Device.META, Device.of(posterior.sample(torch.make_generator_cpu(0))));
      NoiseSchedule schedule = NoiseSchedule.of(SchedulerConfig.of(MODEL.config(Component.SCHEDULER)));
      Tensor clean = torch.zeros(2, 4, 8, 8);
      assertEquals(Device.CPU, Device.of(schedule.addNoise(clean, clean, Tensor.create(3L, 5L))));
    }
  }
}
