package lethe.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import lethe.tensor.Device;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The tests of the kernels once more, through the CUDA entry points: every argument of their binding, by what comes
 * out. The library is the one whose device code runs on the host, so the tensors may lie there, and the stream is null.
 */
@Tag("slow")
class CudaOnHostTest {
  private static final String LIBRARY = "target/native/liblethe_kernels_cuda_on_host.so";

  @BeforeAll
  static void loadTheEmulation() throws IOException, InterruptedException {
    Process build = new ProcessBuilder("./cppbuild.sh", "cuda-on-host").inheritIO().start();
    assertEquals(0, build.waitFor(), "./cppbuild.sh cuda-on-host");
    System.setProperty(CudaLibrary.PROPERTY, Path.of(LIBRARY).toAbsolutePath().toString());
    Launch.emulated = true;
  }

  @AfterAll
  static void unload() {
    Launch.emulated = false;
    System.clearProperty(CudaLibrary.PROPERTY);
  }

  @Test
  void callsTheCudaEntryPoints() {
    try (Launch launch = Launch.on(Device.CPU)) {
      assertEquals("lethe_flash_attention_forward_bf16_cuda", launch.entryPoint("flash_attention_forward", true));
      assertEquals("cuda", launch.<String>choose(false, "cpu", "cpu", "cuda", "cuda bf16"));
    }
  }

  @Nested
  class Flash extends FlashAttentionTest {}

  @Nested
  class Scores extends AttentionScoresTest {}

  @Nested
  class Maps extends AttentionMapsTest {}

  @Nested
  class Simplex extends SimplexProjectionTest {}

  @Nested
  class Step extends PgdStepTest {}

  @Nested
  class Loop extends PgdLoopTest {}

  @Nested
  class AdamW extends OptimizerTest {}
}
