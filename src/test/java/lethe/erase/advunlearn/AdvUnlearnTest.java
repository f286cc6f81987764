package lethe.erase.advunlearn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.GoldenSets;
import lethe.checkpoint.Checkpoint;
import lethe.erase.advunlearn.latents.FreshLatents;
import lethe.erase.advunlearn.latents.LatentSettings;
import lethe.erase.advunlearn.latents.LatentSource;
import lethe.erase.advunlearn.latents.UNetPredictor;
import lethe.error.UserException;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.model.layer.Network;
import lethe.model.unet.UNet;
import lethe.report.profile.Profile;
import lethe.report.profile.Recorder;
import lethe.tensor.Scope;
import lethe.tensor.Threads;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole loop on a tiny model: two concepts, warm-up, renewal every second iteration. */
class AdvUnlearnTest {
  private static final Checkpoint CHECKPOINT = Checkpoint.open(GoldenSets.pipelines().findFirst().orElseThrow());
  private static final RunListener QUIET = new RunListener() {};

  @TempDir private Path folder;

  @BeforeAll
  static void oneThread() {
    Threads.set(1);
  }

  /** Ends a run before its iteration {@code last + 1}, or in that one's attack. */
  private record StopAfter(int last, int[] done, int[] asked, boolean inAttack) implements RunListener {
    StopAfter(int last, boolean inAttack) {
      this(last, new int[1], new int[1], inAttack);
    }

    @Override
    public void afterIteration(Iteration iteration) {
      done[0] = iteration.number();
    }

    @Override
    public boolean cancelled() {
      return done[0] == last && (!inAttack || asked[0]++ > 1);
    }
  }

  @ParameterizedTest
  @CsvSource({"text_encoder_full, REG, 3, false", "text_encoder_full, ITER, 2, true", "xattn, ITER, 4, true"})
  void aResumedRunHasTheBitsOfAnUninterruptedOne(String method, RetainTrain retain, int stop, boolean inAttack) {
    AdvUnlearnSettings settings = TestSettings.tiny(new TrainMethod(method), retain, 1e-4);
    Path state = folder.resolve("state.safetensors");
    try (Scope scope = new Scope()) {
      Map<String, Tensor> whole = new LinkedHashMap<>();
      List<Iteration> expected = run(settings, null, null, QUIET, whole);
      assertEquals(settings.iterations(), expected.size());
      assertTrue(Double.isNaN(expected.get(0).attackLoss()), "warm-up");
      assertFalse(Double.isNaN(expected.get(1).attackLoss()), "the first attack comes right after it");

      assertEquals(stop, run(settings, null, state, new StopAfter(stop, inAttack), new LinkedHashMap<>()).size());
      Map<String, Tensor> resumed = new LinkedHashMap<>();
      assertEquals(expected, run(settings, state, null, QUIET, resumed));
      whole.forEach((name, weight) -> assertTrue(weight.equal(resumed.get(name)), name));
    }
  }

  @ParameterizedTest
  @CsvSource({"text_encoder_full", "xattn"})
  void noFrozenWeightEverGetsAGradient(String method) {
    AdvUnlearnSettings settings = TestSettings.tiny(new TrainMethod(method), RetainTrain.REG, 1e-4);
    int[] attackSteps = {0};
    try (Scope scope = new Scope();
        StableDiffusion model = StableDiffusion.load(CHECKPOINT);
        UNet frozen = UNet.load(CHECKPOINT);
        LatentSource first = source(model, frozen, "van gogh");
        LatentSource second = source(model, frozen, "church");
        AdvUnlearn run = new AdvUnlearn(model, "tiny", List.of(first, second), settings, Provider.choose())) {
      run.run(
          null,
          new RunListener() {
            @Override
            public boolean cancelled() { // asked before every attack step: then all weights are frozen
              attackSteps[0]++;
              assertFrozen(model.unet());
              assertFrozen(model.textEncoder());
              return false;
            }
          });
      assertTrue(attackSteps[0] > settings.iterations(), "asked in attacks, too");
      assertFrozen(model.unet());
      assertFrozen(model.textEncoder());
      assertFrozen(frozen);
    }
  }

  private static void assertFrozen(Network network) {
    try (Scope scope = new Scope()) {
      network
          .parameters()
          .forEach((name, weight) -> assertTrue(!weight.requires_grad() && !weight.grad().defined(), name));
    }
  }

  @Test
  void savesAtIntervalsAndRefusesAnotherRunsState() {
    AdvUnlearnSettings settings = TestSettings.tiny(TrainMethod.DEFAULT, RetainTrain.REG, 1e-4);
    Path state = folder.resolve("state.safetensors");
    try (Scope scope = new Scope()) {
      run(settings, null, state, QUIET, new LinkedHashMap<>());
      assertTrue(Files.exists(state), "saved after iteration 4 of 6");
      AdvUnlearnSettings other = TestSettings.tiny(TrainMethod.DEFAULT, RetainTrain.REG, 2e-4);
      UserException refused =
          assertThrows(UserException.class, () -> run(other, state, null, QUIET, new LinkedHashMap<>()));
      assertTrue(refused.getMessage().contains("lr 1.0E-4, this one has 2.0E-4"), refused.getMessage());
    }
  }

  @Test
  void stopsWhereALossIsNotFiniteAndKeepsTheLastGoodState() {
    AdvUnlearnSettings settings = TestSettings.tiny(TrainMethod.DEFAULT, RetainTrain.REG, 1e-4);
    Path state = folder.resolve("state.safetensors");
    try (Scope scope = new Scope();
        StableDiffusion model = StableDiffusion.load(CHECKPOINT);
        LatentSource fresh = source(model, model.unet(), "van gogh");
        LatentSource second = source(model, model.unet(), "church");
        AdvUnlearn run = new AdvUnlearn(model, "tiny", List.of(fresh, second), settings, Provider.COMPOSED)) {
      RunListener breaking =
          new RunListener() {
            @Override
            public void afterIteration(Iteration iteration) {
              if (iteration.number() == 2) {
                model.unet().parameters().get("conv_out.bias").div_(new Scalar(0));
              }
            }
          };
      UserException stopped = assertThrows(UserException.class, () -> run.run(state, breaking));
      assertTrue(stopped.getMessage().startsWith("iteration 3: "), stopped.getMessage());
      assertTrue(stopped.getMessage().contains(state.toString()), stopped.getMessage());
      model.textEncoder().parameters().values().forEach(weight -> assertTrue(weight.isfinite().all().item_bool()));
      run.resume(state);
    }
  }

  private static List<Iteration> run(
      AdvUnlearnSettings settings, Path resume, Path state, RunListener listener, Map<String, Tensor> weights) {
    try (StableDiffusion model = StableDiffusion.load(CHECKPOINT);
        UNet frozen = UNet.load(CHECKPOINT)) {
      List<LatentSource> sources = new ArrayList<>();
      settings.concepts().forEach(concept -> sources.add(source(model, frozen, concept)));
      try (AdvUnlearn run = new AdvUnlearn(model, "tiny", sources, settings, Provider.choose())) {
        if (resume != null) {
          run.resume(resume);
        }
        List<Iteration> done = run.run(state, listener);
        model.textEncoder().parameters().forEach((name, weight) -> weights.put("text_encoder." + name, weight.clone()));
        model.unet().parameters().forEach((name, weight) -> weights.put("unet." + name, weight.clone()));
        return done;
      } finally {
        sources.forEach(LatentSource::close);
      }
    }
  }

  @Test
  void aRecordingShowsTheParts() {
    AdvUnlearnSettings settings = TestSettings.tiny(TrainMethod.DEFAULT, RetainTrain.REG, 1e-4);
    try (Recorder recorder = new Recorder()) {
      run(settings, null, null, QUIET, new LinkedHashMap<>());
      Profile profile = recorder.stop();
      List<String> shares = List.of("sample latents", "forward", "backward", "optimizer");
      for (String part : List.of("attack step", "erasing", "retain")) {
        assertTrue(profile.phaseFlops(part) > 0, part);
      }
      shares.forEach(share -> assertTrue(profile.phaseFlops(share) > 0, share));
      long whole = profile.phaseFlops("training step");
      assertEquals(whole, shares.stream().mapToLong(profile::phaseFlops).sum(), 1e-4 * whole);
    }
  }

  private static LatentSource source(StableDiffusion model, UNet frozen, String concept) {
    LatentSettings settings =
        new LatentSettings(concept, List.of("a photo of chair", "a photo of banana", "a dog"), 2, 3, 4, 128, 5);
    return new FreshLatents(model, new UNetPredictor(model.unet()), new UNetPredictor(frozen), settings);
  }
}
