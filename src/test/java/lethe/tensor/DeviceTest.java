package lethe.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
  @ParameterizedTest
  @CsvSource({"cpu, CPU, 0, cpu", "cuda, CUDA, 0, cuda:0", "cuda:0, CUDA, 0, cuda:0", "cuda:11, CUDA, 11, cuda:11"})
  void parsesWhatUsersWrite(String text, Device.Type type, int index, String shown) {
    Device device = Device.parse(text);
    assertEquals(new Device(type, index), device);
    assertEquals(shown, device.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "CPU", "cpu:0", "cuda:", "cuda:-1", "cuda:x", "cuda:100", "gpu", "meta", " cuda"})
  void refusesAllElse(String text) {
    assertThrows(IllegalArgumentException.class, () -> Device.parse(text));
  }

  @Test
  void placesTensors() {
    try (Scope scope = new Scope()) {
      Tensor here = torch.ones(2, 3);
      assertSame(here, Device.CPU.place(here));
      Tensor nowhere = Device.META.place(here);
      assertTrue(nowhere.is_meta());
      assertEquals(Device.META, Device.of(nowhere));
      assertEquals(3, nowhere.size(1));
      Tensor made = torch.zeros(new long[] {2}, Device.META.options(DType.BF16));
      assertTrue(made.is_meta());
      assertEquals(DType.BF16, DType.of(made.scalar_type()));
    }
  }
}
