package lethe.model.vae;

import static lethe.GoldenPipeline.assertComponentClose;

import java.io.IOException;
import java.nio.file.Path;
import lethe.GoldenPipeline;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VaeGoldenTest {
  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void matchesDiffusersBothWays(Path folder) throws IOException {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        GoldenPipeline golden = new GoldenPipeline(folder);
        Vae vae = Vae.load(golden.checkpoint())) {
      LatentDistribution posterior = vae.encode(golden.tensor("vae/image"));
      assertComponentClose(golden.tensor("vae/mean"), posterior.mean(), "mean");
      assertComponentClose(golden.tensor("vae/logvar"), posterior.logVariance(), "log variance");
      assertComponentClose(golden.tensor("vae/decoded"), vae.decode(golden.tensor("vae/mean")), "decoded");
    }
  }
}
