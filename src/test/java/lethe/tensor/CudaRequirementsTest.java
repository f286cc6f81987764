package lethe.tensor;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import lethe.error.UserException;
import org.junit.jupiter.api.Test;

/** No GPU is needed: what a machine has is made up. */
class CudaRequirementsTest {
  private static final Device GPU = Device.parse("cuda");
  private static final Function<String, Optional<Path>> NOTHING = name -> Optional.empty();
  private static final Function<String, Optional<Path>> EVERYTHING = name -> Optional.of(Path.of("/usr/lib", name));

  private static String message(CudaRequirements requirements, Device device) {
    return assertThrows(UserException.class, () -> requirements.require(device)).getMessage();
  }

  private static int neverAsked() {
    throw new AssertionError("LibTorch was asked although something is missing");
  }

  @Test
  void whereAllIsMissingAllIsNamedInOneLine() {
    String message = message(
        new CudaRequirements(false, Optional.empty(), NOTHING, CudaRequirementsTest::neverAsked), GPU);
    assertEquals(1, message.lines().count());
    assertTrue(message.startsWith("--device cuda:0 needs LibTorch's GPU build on the class path"), message);
    List<String> named = List.of(
        "mvn -Pcuda", "libcuda.so.1 (the NVIDIA driver, 580 or newer)", "libcudart.so.13 (CUDA 13 runtime)",
        "libcublas.so.13 (cuBLAS 13)", "libcudnn.so.9 (cuDNN 9)", "libnccl.so.2 (NCCL 2)", "--device cpu");
    named.forEach(name -> assertTrue(message.contains(name), name + " in " + message));
  }

  @Test
  void whereSomeIsMissingOnlyThatIsNamed() {
    Set<String> absent = Set.of("libcudnn.so.9", "libnccl.so.2");
    CudaRequirements requirements = new CudaRequirements(
        true,
        Optional.of("580.65.06"),
        name -> absent.contains(name) ? Optional.empty() : EVERYTHING.apply(name),
        CudaRequirementsTest::neverAsked);
    assertEquals(
        "--device cuda:0 needs libcudnn.so.9 (cuDNN 9), libnccl.so.2 (NCCL 2);"
            + " install what is missing, or use --device cpu",
        message(requirements, GPU));
    assertFalse(requirements.found().containsKey("libcudnn.so.9"));
    assertTrue(requirements.found().containsKey("libcublas.so.13"));
  }

  @Test
  void anOldDriverIsNamedWithItsVersion() {
    CudaRequirements requirements =
        new CudaRequirements(true, Optional.of("535.129.03"), EVERYTHING, CudaRequirementsTest::neverAsked);
    assertEquals(List.of("a newer NVIDIA driver (580 or newer, not 535.129.03)"), requirements.missing());
  }

  @Test
  void aGpuThatIsNotThereIsRefused() {
    CudaRequirements one = new CudaRequirements(true, Optional.of("580.1"), EVERYTHING, () -> 1);
    assertDoesNotThrow(() -> one.require(GPU));
    assertTrue(message(one, Device.parse("cuda:1")).startsWith("--device cuda:1: LibTorch sees cuda:0 only; "));
    CudaRequirements none = new CudaRequirements(true, Optional.of("580.1"), EVERYTHING, () -> 0);
    assertTrue(message(none, GPU).contains("LibTorch sees no GPU"));
    CudaRequirements four = new CudaRequirements(true, Optional.empty(), EVERYTHING, () -> 4);
    assertTrue(message(four, Device.parse("cuda:4")).contains("cuda:0 to cuda:3"));
  }

  @Test
  void readsTheVersionOfEitherDriver() {
    assertEquals(
        Optional.of("535.129.03"),
        CudaRequirements.driverVersion("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19\n"));
    assertEquals(
        Optional.of("580.65.06"),
        CudaRequirements.driverVersion(
            "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build\n"));
    assertEquals(Optional.empty(), CudaRequirements.driverVersion("something else"));
  }
}
