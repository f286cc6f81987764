package lethe.erase.advunlearn;

import static lethe.GoldenPipeline.assertComponentClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lethe.GoldenPipeline;
import lethe.GoldenSets;
import lethe.attack.AttackedPrompt;
import lethe.erase.advunlearn.latents.ErasingLatents;
import lethe.erase.advunlearn.latents.RetainLatents;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Three published outer steps against a given adversarial prefix, number by number. */
class OuterStepGoldenTest {
  private static final double LOSS_RELATIVE = 1e-4;
  private static final double CHANGE_RELATIVE = 1e-2;

  static Stream<Arguments> runs() {
    return GoldenSets.pipelines()
        .flatMap(folder -> Stream.of(Provider.values()).map(provider -> Arguments.of(folder, provider)));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void matchesThePublishedTraining(Path folder, Provider provider) throws IOException {
    try (Scope scope = new Scope();
        GoldenPipeline golden = new GoldenPipeline(folder);
        StableDiffusion model = StableDiffusion.load(golden.checkpoint())) {
      JsonNode expected = golden.json().get("advunlearn");
      AdvUnlearnSettings settings = TestSettings.strictRegularised(expected);
      List<String> retainPrompts = new ArrayList<>();
      expected.get("retain").forEach(prompt -> retainPrompts.add(prompt.asText()));
      Tensor empty = model.encodePrompts(List.of(""));
      Tensor word = model.encodePrompts(settings.concepts());
      Tensor retained = model.encodePrompts(retainPrompts);
      Map<String, Tensor> before = new HashMap<>();
      model.textEncoder().parameters().forEach((name, parameter) -> before.put(name, parameter.clone()));

      TrainedParts parts = TrainedParts.of(model, settings);
      try (AttackedPrompt prompt = new AttackedPrompt(model, settings.concepts().get(0), settings.attack());
          OuterStep outer = new OuterStep(model, parts, settings, provider)) {
        Tensor adversarial = golden.tensor("advunlearn/adv");
        for (int step = 0; step < expected.get("losses").size(); step++) {
          Tensor z = golden.tensor("advunlearn/z").select(0, step);
          Tensor t = golden.tensor("advunlearn/t").narrow(0, step, 1);
          Tensor rz = golden.tensor("advunlearn/rz").select(0, step);
          OuterStep.Losses losses =
              outer.erase(
                  pass -> prompt.context(adversarial, pass),
                  new ErasingLatents(z, t, predict(model, z, t, empty), predict(model, z, t, word)),
                  new RetainLatents(rz, t.expand(2), retainPrompts, predict(model, rz, t, retained)));
          double loss = losses.erasing() + settings.retainLossW() * losses.retain();
          double expectedLoss = expected.get("losses").get(step).asDouble();
          assertEquals(expectedLoss, loss, LOSS_RELATIVE * expectedLoss, "loss of step " + step);
          assertNothingNeedsAGradient(model);
        }
      }
      assertEquals(before.size(), expected.get("delta_norm").size());
      expected
          .get("delta_norm")
          .properties()
          .forEach(
              entry -> {
                Tensor change = model.textEncoder().parameters().get(entry.getKey()).sub(before.get(entry.getKey()));
                double norm = entry.getValue().asDouble();
                // Softmax does not see what a key's bias adds to all scores alike: that gradient is rounding alone, and
                // what Adam makes of it is measured against the key's weight.
                String key = entry.getKey().replace("k_proj.bias", "k_proj.weight");
                double tolerance = CHANGE_RELATIVE * expected.get("delta_norm").get(key).asDouble();
                assertEquals(norm, change.norm().item_double(), tolerance, entry.getKey());
              });
      assertComponentClose(
          golden.tensor("advunlearn/final_hidden"),
          model.encodePrompts(List.of("a photo of elon musk")),
          "the trained text encoder's hidden state");
    }
  }

  private static void assertNothingNeedsAGradient(StableDiffusion model) {
    for (Map<String, Tensor> weights : List.of(model.unet().parameters(), model.textEncoder().parameters())) {
      weights.forEach(
          (name, weight) -> assertTrue(!weight.requires_grad() && !weight.grad().defined(), name));
    }
  }

  private static Tensor predict(StableDiffusion model, Tensor z, Tensor t, Tensor context) {
    try (NoGradGuard noGrad = new NoGradGuard()) {
      return model.unet().forward(z, t, context);
    }
  }
}
