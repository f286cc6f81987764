package lethe.erase.forgetmenot;

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
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.kernel.Provider;
import lethe.model.clip.ClipTextEncoder;
import lethe.model.scheduler.NoiseSchedule;
import lethe.model.scheduler.SchedulerConfig;
import lethe.model.unet.UNet;
import lethe.tensor.Scope;
import lethe.text.ClipTokenizer;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two five-step trainings, number by number: the whole UNet with end-of-text positions, and attn2 without them. */
class AttentionResteeringGoldenTest {
  private static final double LOSS_RELATIVE = 1e-4;
  private static final double CHANGE_RELATIVE = 1e-2;

  static Stream<Arguments> runs() {
    return GoldenSets.pipelines()
        .flatMap(
            folder ->
                Stream.of("full", "cross_attention")
                    .flatMap(
                        run ->
                            Stream.of(Provider.values()).map(provider -> Arguments.of(folder, run, provider))));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void matchesThePublishedTraining(Path folder, String run, Provider provider) throws IOException {
    try (Scope scope = new Scope();
        GoldenPipeline golden = new GoldenPipeline(folder);
        UNet unet = UNet.load(golden.checkpoint())) {
      Checkpoint checkpoint = golden.checkpoint();
      JsonNode fmn = golden.json().get("fmn");
      JsonNode expected = fmn.get("runs").get(run);
      boolean whole = run.equals("full");
      ClipTokenizer tokenizer = ClipTokenizer.load(checkpoint.tokenizerFolder().orElseThrow());
      Concept concept = new Concept(fmn.get("snippet").asText(), Concept.Type.OBJECT, null);
      assertEquals(fmn.get("prompt").asText(), concept.prompt());
      boolean[] positions = ConceptPositions.find(tokenizer, concept, whole);
      List<Integer> expectedPositions = new ArrayList<>();
      expected.get("positions").forEach(flag -> expectedPositions.add(flag.asInt()));
      List<Integer> found = new ArrayList<>();
      for (boolean position : positions) {
        found.add(position ? 1 : 0);
      }
      assertEquals(expectedPositions, found);

      Map<String, Tensor> before = new HashMap<>();
      unet.parameters().forEach((name, parameter) -> before.put(name, parameter.clone()));
      Tensor context = encode(checkpoint, tokenizer, concept);
      NoiseSchedule schedule = NoiseSchedule.of(SchedulerConfig.of(checkpoint.config(Component.SCHEDULER)));
      Tensor columns = Tensor.create(positions, 1, positions.length).to(torch.ScalarType.Byte);
      ForgetMeNotSettings settings = settings(fmn, whole);
      try (AttentionResteering resteering = new AttentionResteering(unet, settings, provider)) {
        for (int step = 0; step < expected.get("losses").size(); step++) {
          Tensor t = golden.tensor("fmn/t").narrow(0, step, 1);
          Tensor noisy =
              schedule.addNoise(
                  golden.tensor("fmn/lat").select(0, step), golden.tensor("fmn/noise").select(0, step), t);
          double loss = resteering.step(noisy, t, context, columns);
          double expectedLoss = expected.get("losses").get(step).asDouble();
          assertEquals(expectedLoss, loss, LOSS_RELATIVE * expectedLoss, "loss of step " + step);
        }
      }
      expected
          .get("delta_norm")
          .properties()
          .forEach(
              entry -> {
                Tensor change = unet.parameters().get(entry.getKey()).sub(before.get(entry.getKey()));
                double norm = entry.getValue().asDouble();
                assertEquals(norm, change.norm().item_double(), CHANGE_RELATIVE * norm, entry.getKey());
              });
      assertEquals(unet.parameters().size(), expected.get("delta_norm").size());
      try (NoGradGuard noGrad = new NoGradGuard()) {
        Tensor out =
            unet.forward(golden.tensor("unet/sample"), Tensor.create(500L), golden.tensor("unet/context"));
        assertComponentClose(golden.tensor("fmn/" + run + "/final_out_t500"), out, "output of the trained UNet");
      }
      assertTrue(unet.parameters().values().stream().noneMatch(Tensor::requires_grad), "frozen again");
    }
  }

  private static Tensor encode(Checkpoint checkpoint, ClipTokenizer tokenizer, Concept concept) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        ClipTextEncoder encoder = ClipTextEncoder.load(checkpoint)) {
      int[] ids = tokenizer.encodePadded(concept.prompt());
      return scope.keep(
          encoder.encode(Tensor.create(ids, 1, ids.length).to(torch.ScalarType.Long)));
    }
  }

  /** The golden runs have the published quirk: nothing is clipped when the whole UNet is trained. */
  private static ForgetMeNotSettings settings(JsonNode fmn, boolean whole) {
    ForgetMeNotSettings d = ForgetMeNotSettings.DEFAULTS;
    return new ForgetMeNotSettings(
        d.maxTrainSteps(),
        d.trainBatchSize(),
        fmn.get("lr").asDouble(),
        fmn.get("betas").get(0).asDouble(),
        fmn.get("betas").get(1).asDouble(),
        fmn.get("weight_decay").asDouble(),
        fmn.get("eps").asDouble(),
        d.maxGradNorm(),
        !whole,
        whole,
        false,
        false,
        d.resolution(),
        0,
        true);
  }
}
