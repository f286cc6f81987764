package lethe.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import lethe.GoldenPipeline;
import lethe.GoldenSets;
import lethe.checkpoint.Checkpoint;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pictures that are drawn together are those that each prompt and seed gives alone. */
class BatchedSamplingTest {
  static Stream<Path> pipelines() {
    return GoldenSets.pipelines();
  }

  @ParameterizedTest
  @MethodSource("pipelines")
  void everyImageIsWhatItWouldBeAlone(Path folder) {
    List<String> prompts = List.of("a photo of a cat", "a church");
    List<Long> seeds = List.of(7L, 8L);
    SamplingSettings settings = new SamplingSettings("", "", "ddim", 4, 4);
    try (Scope scope = new Scope();
        StableDiffusion model = StableDiffusion.load(Checkpoint.open(folder))) {
      int side = model.nativeResolution();
      Tensor together =
          model.sample(
              model.startLatents(seeds, side, side), model.encodePrompts(prompts), settings, step -> {});
      for (int i = 0; i < prompts.size(); i++) {
        Tensor alone =
            model.sample(
                model.startLatents(seeds.get(i), side, side),
                model.encodePrompts(List.of(prompts.get(i))),
                settings,
                step -> {});
        GoldenPipeline.assertClose(alone, together.narrow(0, i, 1), 1e-4, 1e-4, prompts.get(i));
      }
      Tensor difference = together.select(0, 0).sub(together.select(0, 1)).abs().max();
      assertTrue(difference.item_double() > 0.1, "the two are different pictures");
    }
  }
}
