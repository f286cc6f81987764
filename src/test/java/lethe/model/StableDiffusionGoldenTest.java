package lethe.model;

import static lethe.GoldenPipeline.PIPELINE_ABSOLUTE;
import static lethe.GoldenPipeline.assertClose;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import lethe.GoldenPipeline;
import lethe.GoldenSets;
import lethe.checkpoint.Checkpoint;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole pipelines, 8 steps under guidance, from the folder and from the single file of the same model. */
class StableDiffusionGoldenTest {
  /** Our names of the schedulers, by the golden sets' names. */
  private static final Map<String, String> SCHEDULERS =
      Map.of("pndm", "pndm", "ddim", "ddim", "euler", "euler", "dpmpp2m", "dpm++2m", "lms", "lms");

  static Stream<Arguments> runs() {
    return GoldenSets.pipelines()
        .flatMap(folder -> SCHEDULERS.keySet().stream().sorted().map(name -> Arguments.of(folder, name)));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void latentsMatchDiffusers(Path folder, String scheduler) throws IOException {
    try (Scope scope = new Scope();
        GoldenPipeline golden = new GoldenPipeline(folder);
        StableDiffusion model = StableDiffusion.load(golden.checkpoint())) {
      Tensor latents = sample(golden, model, scheduler);
      assertClose(golden.tensor("pipeline/" + scheduler + "_latents"), latents, PIPELINE_ABSOLUTE, 0, scheduler);
      if (golden.contains("pipeline/" + scheduler + "_image")) {
        Tensor image = model.decode(latents);
        assertClose(golden.tensor("pipeline/" + scheduler + "_image"), image, PIPELINE_ABSOLUTE, 0, "image");
      }
    }
  }

  static Stream<Path> singleFiles() {
    return GoldenSets.pipelines().map(folder -> folder.resolve("single-file.safetensors")).filter(file -> file.toFile().exists());
  }

  @ParameterizedTest
  @MethodSource("singleFiles")
  void singleFileGivesTheSameLatents(Path file) throws IOException {
    try (Scope scope = new Scope();
        GoldenPipeline golden = new GoldenPipeline(file.getParent());
        StableDiffusion model = StableDiffusion.load(Checkpoint.open(file))) {
      assertClose(
          golden.tensor("pipeline/ddim_latents"), sample(golden, model, "ddim"), PIPELINE_ABSOLUTE, 0, "single file");
    }
  }

  private static Tensor sample(GoldenPipeline golden, StableDiffusion model, String scheduler) {
    JsonNode pipeline = golden.json().get("pipeline");
    SamplingSettings settings =
        new SamplingSettings(
            pipeline.get("prompt").asText(),
            "",
            SCHEDULERS.get(scheduler),
            pipeline.get("steps").asInt(),
            pipeline.get("guidance").asDouble());
    return model.sample(golden.tensor("pipeline/latents"), settings, step -> {});
  }
}
