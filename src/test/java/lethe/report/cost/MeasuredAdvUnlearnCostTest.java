package lethe.report.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import lethe.GoldenSets;
import lethe.attack.AttackMethod;
import lethe.attack.AttackSettings;
import lethe.checkpoint.Checkpoint;
import lethe.erase.advunlearn.AdvUnlearn;
import lethe.erase.advunlearn.AdvUnlearnSettings;
import lethe.erase.advunlearn.LatentSources;
import lethe.erase.advunlearn.RetainTrain;
import lethe.erase.advunlearn.RunListener;
import lethe.erase.advunlearn.latents.BankSettings;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.profile.PhaseEvent;
import lethe.report.profile.Profile;
import lethe.report.profile.Recorder;
import lethe.tensor.Scope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cost model of AdvUnlearn beside what whole runs on a small model record. */
class MeasuredAdvUnlearnCostTest {
  private static final double TOLERANCE = 0.02;
  private static final int ITERATIONS = 2;
  private static final int DDIM_STEPS = 2; // both stops come after one step: chance decides nothing
  private static final int TRAJECTORIES = 2;
  private static final List<String> RETAINED = List.of("a photo of chair", "a photo of banana", "a dog", "a cat");
  private static final RunListener QUIET = new RunListener() {};

  private final Checkpoint checkpoint = Checkpoint.open(GoldenSets.pipelines().findFirst().orElseThrow());
  private final ModelCost model = new ModelCost(checkpoint::config);

  private List<Phase> estimate;
  private Profile profile;

  /** The sum of all phases whose name begins or ends so, beside what a recorded phase cost. */
  private void agree(String recorded, String... phases) {
    List<Phase> summed =
        estimate.stream()
            .filter(p -> Arrays.stream(phases).anyMatch(n -> p.name().startsWith(n) || p.name().endsWith(n)))
            .toList();
    double flops = ITERATIONS * summed.stream().mapToDouble(Phase::flops).sum();
    double bytes = ITERATIONS * summed.stream().mapToDouble(Phase::bytes).sum();
    assertTrue(flops > 0, recorded);
    assertEquals(profile.phaseWork(recorded).flops(), flops, TOLERANCE * flops, recorded + ": operations");
    assertEquals(profile.phaseWork(recorded).bytes(), bytes, TOLERANCE * bytes, recorded + ": bytes");
  }

  @ParameterizedTest
  @CsvSource({"REG, ADAM, 3", "ITER, FAST, 1"})
  void freshSampling(RetainTrain retainTrain, AttackMethod attack, double guidance) {
    AdvUnlearnSettings settings = settings(retainTrain, attack, guidance);
    estimate = AdvUnlearnCost.fresh(model, settings);
    try (StableDiffusion diffusion = StableDiffusion.load(checkpoint);
        LatentSources sources = LatentSources.fresh(diffusion, diffusion.unet(), settings, RETAINED);
        Recorder recorder = new Recorder()) {
      train(diffusion, sources, settings);
      profile = recorder.stop();
    }
    agree("sample latents", "sample z_t", "sample latents", "frozen predictions");
    agree("attack", "attack: ");
    agree("erasing", "erase: forward", "erase: backward to the encoder");
    agree("retain", "retain: forward", "retain: backward to the encoder");
    agree("forward", "forward");
    agree("backward", "backward to the words", "backward to the encoder");
    agree("optimizer", "Adam over the text encoder");
    agree("training step", "");
  }

  @ParameterizedTest
  @CsvSource({"REG, ADAM, 3", "ITER, FAST, 1"})
  void bank(RetainTrain retainTrain, AttackMethod attack, double guidance) {
    AdvUnlearnSettings settings = settings(retainTrain, attack, guidance);
    BankSettings size = new BankSettings(null, null, TRAJECTORIES, 1, 0);
    estimate = AdvUnlearnCost.bank(model, settings, size, RETAINED.size());
    try (StableDiffusion diffusion = StableDiffusion.load(checkpoint);
        LatentSources sources =
            LatentSources.banks(diffusion, settings, RETAINED, null, TRAJECTORIES, 1, (done, total) -> true);
        Recorder recorder = new Recorder()) {
      try (PhaseEvent phase = PhaseEvent.of("fill")) {
        sources.fill();
      }
      train(diffusion, sources, settings);
      profile = recorder.stop();
    }
    agree("fill", "bank: ");
    agree("training step", "attack: ", "erase: ", "retain: ", "Adam");
  }

  private static void train(StableDiffusion diffusion, LatentSources sources, AdvUnlearnSettings settings) {
    try (Scope scope = new Scope();
        AdvUnlearn run = new AdvUnlearn(diffusion, "tiny", sources.all(), settings, Provider.choose())) {
      run.run(null, QUIET);
    }
  }

  private AdvUnlearnSettings settings(RetainTrain retainTrain, AttackMethod method, double guidance) {
    AdvUnlearnSettings d = AdvUnlearnSettings.DEFAULTS;
    AttackSettings a = d.attack();
    AttackSettings attack =
        new AttackSettings(
            method, 3, a.attackLr(), a.attackType(), a.attackEmbdType(), a.advPromptNum(), a.pgdNorm(), a.pgdRadius(),
            false);
    return new AdvUnlearnSettings(
        List.of("van gogh"), d.trainMethod(), d.component(), d.normLayer(), retainTrain, 2, 2, 0.5, attack,
        d.attackInit(), 1, 0, guidance, d.negativeGuidance(), ITERATIONS, 100, d.lr(), DDIM_STEPS,
        model.nativeResolution(), 0, 3);
  }
}
