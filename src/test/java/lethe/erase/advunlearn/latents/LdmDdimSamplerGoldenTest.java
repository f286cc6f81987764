package lethe.erase.advunlearn.latents;

import static lethe.GoldenPipeline.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lethe.GoldenPipeline;
import lethe.model.StableDiffusion;
import lethe.model.scheduler.NoiseSchedule;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** AdvUnlearn's sampler against the published one's stops, by single samples and by whole trajectories. */
class LdmDdimSamplerGoldenTest {
  /** Ten times closer than whole pipelines have to be: at most 20 steps are compared. */
  private static final double TOLERANCE = 1e-4;

  private static final int[] STOPS = {45, 30};

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void matchesThePublishedSampler(Path folder) throws IOException {
    try (Scope scope = new Scope();
        GoldenPipeline golden = new GoldenPipeline(folder);
        StableDiffusion model = StableDiffusion.load(golden.checkpoint())) {
      DdimGrid grid = new DdimGrid(NoiseSchedule.of(model.schedulerConfig()), 50);
      UNetPredictor predictor = new UNetPredictor(model.unet());
      LdmDdimSampler sampler = new LdmDdimSampler(predictor, grid);
      String concept = golden.json().get("advunlearn").get("word").asText();
      Guidance guidance = new Guidance(model.encodePrompts(List.of(concept)), model.encodePrompts(List.of("")), 3);
      Tensor start = golden.tensor("ldm_ddim/start");
      List<Tensor> trajectory = sampler.trajectory(start, guidance);
      assertEquals(2L * 49, predictor.forwards());
      for (int stop : STOPS) {
        Tensor expected = golden.tensor("ldm_ddim/till" + stop);
        Tensor sample = sampler.sample(start, guidance, stop);
        assertClose(expected, sample, TOLERANCE, 0, "stop " + stop);
        assertClose(sample, trajectory.get(stop), 0, 0, "stop " + stop + " of the trajectory");
      }
    }
  }
}
