package lethe.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import lethe.GoldenPipeline;
import lethe.GoldenSets;
import lethe.kernel.PgdLoop;
import lethe.kernel.PgdUpdate;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.model.layer.GradientPass;
import lethe.model.layer.Network;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every published attack, step by step: {@code {method}_{joining}_{k}_{accumulated or zeroed}}. */
class EmbeddingAttackGoldenTest {
  private static final double LOSS_RELATIVE = 1e-4;
  private static final double CHANGE_RELATIVE = 1e-2;
  private static final List<String> RUNS =
      List.of(
          "pgd_prefix_k_1_accumulated",
          "pgd_prefix_k_3_zeroed",
          "fast_at_prefix_k_1_accumulated",
          "pgd_replace_k_2_accumulated",
          "pgd_add_2_accumulated",
          "pgd_suffix_k_2_accumulated",
          "pgd_mid_k_2_accumulated",
          "pgd_insert_k_2_accumulated");

  static Stream<Arguments> runs() {
    return GoldenSets.pipelines()
        .flatMap(
            folder ->
                RUNS.stream()
                    .flatMap(
                        run -> Stream.of(Provider.values()).map(provider -> Arguments.of(folder, run, provider))));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void matchesThePublishedAttack(Path folder, String run, Provider provider) throws IOException {
    try (Scope scope = new Scope();
        GoldenPipeline golden = new GoldenPipeline(folder);
        StableDiffusion model = StableDiffusion.load(golden.checkpoint())) {
      JsonNode attack = golden.json().get("attack");
      JsonNode losses = attack.get("runs").get(run);
      assertEquals(RUNS.size(), attack.get("runs").size());
      AttackSettings settings = settings(run, attack, losses.size());
      PgdLoop.Settings loop = settings.loop();
      if (run.endsWith("_zeroed")) {
        loop = new PgdLoop.Settings(loop.update(), loop.steps(), loop.tolerance(), false);
      }
      try (AttackedPrompt prompt = new AttackedPrompt(model, attack.get("word").asText(), settings)) {
        Tensor word = context(prompt, provider);
        Tensor init = golden.tensor("attack/" + run + "/init");
        EmbeddingAttack.Result result =
            new EmbeddingAttack(model.unet(), loop, provider)
                .run(prompt, init, step -> sample(golden, model, word, step, provider), () -> false);
        assertEquals(losses.size(), result.losses().size());
        for (int i = 0; i < losses.size(); i++) {
          double expected = losses.get(i).asDouble();
          assertEquals(expected, result.losses().get(i), LOSS_RELATIVE * expected, "loss of step " + i);
        }
        // As a whole: where an element's gradient is all but zero, Adam's direction for it is not determined.
        Tensor expected = golden.tensor("attack/" + run + "/final").sub(init);
        double difference = result.adversarial().sub(init).sub(expected).norm().item_double();
        assertEquals(0, difference, CHANGE_RELATIVE * expected.norm().item_double(), "final embedding");
      }
      assertNoGradients(model.unet());
      assertNoGradients(model.textEncoder());
    }
  }

  private static void assertNoGradients(Network network) {
    assertFalse(network.parameters().isEmpty());
    network.parameters().forEach((name, weight) -> assertTrue(!weight.grad().defined(), name + " has a gradient"));
  }

  private static Tensor context(AttackedPrompt prompt, Provider provider) {
    try (NoGradGuard noGrad = new NoGradGuard();
        GradientPass pass = GradientPass.of(provider)) {
      return prompt.context(pass);
    }
  }

  private static AttackSample sample(
      GoldenPipeline golden, StableDiffusion model, Tensor word, int step, Provider provider) {
    try (NoGradGuard noGrad = new NoGradGuard();
        GradientPass pass = GradientPass.of(provider)) {
      Tensor z = golden.tensor("attack/z").select(0, step);
      Tensor t = golden.tensor("attack/t").narrow(0, step, 1);
      return new AttackSample(z, t, model.unet().forward(z, t, word, pass));
    }
  }

  private static AttackSettings settings(String run, JsonNode attack, int steps) {
    AttackMethod method = run.startsWith("fast_at") ? AttackMethod.FAST : AttackMethod.ADAM;
    Joining joining =
        Arrays.stream(Joining.values()).filter(j -> run.contains("_" + j + "_")).findFirst().orElseThrow();
    int k = Integer.parseInt(run.replaceAll(".*_(\\d+)_.*", "$1"));
    return new AttackSettings(
        method,
        steps,
        attack.get("lr").asDouble(),
        joining,
        EmbeddingKind.WORD_EMBD,
        k,
        PgdUpdate.Ball.LINF,
        Double.POSITIVE_INFINITY,
        true);
  }
}
