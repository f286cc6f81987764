package lethe.erase.advunlearn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingStateTest {
  private static final Map<String, String> IDENTITY = Map.of("model", "a");

  /** LibTorch's meta device stands in for a GPU. */
  @Test
  void aStateGoesOnOnAnotherDevice(@TempDir Path folder) {
    Path file = folder.resolve("state.safetensors");
    try (Scope scope = new Scope()) {
      Map<String, Tensor> weights = Map.of("w", torch.ones(3, 2));
      try (Adam adam = new Adam(weights, 1e-3)) {
        new TrainingState(weights, adam, IDENTITY).save(file, torch.ones(1, 2, 4), List.of(new Iteration(1, 3, 2, 1)));
      }
      Map<String, Tensor> elsewhere = Map.of("w", torch.zeros(new long[] {3, 2}, Device.META.options(DType.F32)));
      try (Adam adam = new Adam(elsewhere, 1e-3)) {
        TrainingState.Restored restored = new TrainingState(elsewhere, adam, IDENTITY).restore(file);
        assertEquals(Device.META, Device.of(restored.adversarial()));
        assertEquals(Device.META, Device.of(adam.expAvg().get("w")));
        assertEquals(List.of(new Iteration(1, 3, 2, 1)), restored.history());
      }
    }
  }
}
