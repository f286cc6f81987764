package lethe.erase.advunlearn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lethe.kernel.AdamWSettings;
import lethe.kernel.Optimizer;
import lethe.kernel.Provider;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingStateTest {
  private static final List<String> NAMES = List.of("w");
  private static final Map<String, String> IDENTITY = Map.of("model", "a");

  /** LibTorch's meta device stands in for a GPU. */
  @Test
  void aStateGoesOnOnAnotherDevice(@TempDir Path folder) {
    Path file = folder.resolve("state.safetensors");
    try (Scope scope = new Scope()) {
      try (Optimizer adam = adam(torch.ones(3, 2))) {
        new TrainingState(NAMES, adam, IDENTITY).save(file, torch.ones(1, 2, 4), List.of(new Iteration(1, 3, 2, 1)));
      }
      try (Optimizer adam = adam(torch.zeros(new long[] {3, 2}, Device.META.options(DType.F32)))) {
        TrainingState.Restored restored = new TrainingState(NAMES, adam, IDENTITY).restore(file);
        assertEquals(Device.META, Device.of(restored.adversarial()));
        assertEquals(Device.META, Device.of(adam.state().expAvg().get(0)));
        assertEquals(List.of(new Iteration(1, 3, 2, 1)), restored.history());
      }
    }
  }

  private static Optimizer adam(Tensor weight) {
    return Optimizer.adamW(Provider.COMPOSED, List.of(weight), AdamWSettings.adam(1e-3));
  }
}
