package lethe.model.unet;

import static lethe.GoldenPipeline.assertComponentClose;

import java.io.IOException;
import java.nio.file.Path;
import lethe.GoldenPipeline;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UNetGoldenTest {
  private static final int[] TIMESTEPS = {0, 1, 261, 981, 999};

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void matchesDiffusers(Path folder) throws IOException {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        GoldenPipeline golden = new GoldenPipeline(folder);
        UNet unet = UNet.load(golden.checkpoint())) {
      Tensor context = golden.tensor("unet/context");
      for (int t : TIMESTEPS) {
        Tensor out = unet.forward(golden.tensor("unet/sample"), Tensor.create((long) t), context);
        assertComponentClose(golden.tensor("unet/out_t" + t), out, "timestep " + t);
      }
      Tensor rect = golden.tensor("unet/sample_rect");
      Tensor out = unet.forward(rect, Tensor.create(500L), context.narrow(0, 0, rect.size(0)));
      assertComponentClose(golden.tensor("unet/out_rect_t500"), out, "non-square latent");
    }
  }
}
