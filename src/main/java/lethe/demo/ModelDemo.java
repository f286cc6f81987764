package lethe.demo;

import java.awt.image.BufferedImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lethe.attack.judge.ConceptJudge;
import lethe.attack.prompt.AttackPrompt;
import lethe.attack.prompt.AttackRun;
import lethe.attack.prompt.ConceptLatents;
import lethe.attack.prompt.PromptEncoder;
import lethe.attack.prompt.PromptOutcome;
import lethe.attack.prompt.TokenAttack;
import lethe.checkpoint.Checkpoint;
import lethe.erase.advunlearn.AdvUnlearn;
import lethe.erase.advunlearn.AdvUnlearnSettings;
import lethe.erase.advunlearn.Iteration;
import lethe.erase.advunlearn.LatentSources;
import lethe.erase.advunlearn.RunListener;
import lethe.erase.forgetmenot.ForgetMeNot;
import lethe.image.PngWriter;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.report.AttackReport;
import lethe.report.demo.DemoAttack;
import lethe.report.demo.DemoModel;
import lethe.report.demo.DemoPicture;
import lethe.tensor.Scope;

/** What the demo does with one model: has it forget, draw, and be attacked. All begin with the same checkpoint. */
final class ModelDemo {
  private static final String ORIGINAL = "Original";
  private static final String FORGET_ME_NOT = "Forget-Me-Not";
  private static final String ADVUNLEARN = "AdvUnlearn";

  private final DemoSettings settings;
  private final ConceptJudge judge;
  private final Provider provider = Provider.choose();

  /** Makes a model forget; what its losses were, by their names. */
  @FunctionalInterface
  private interface Eraser {
    Map<String, List<Double>> erase(StableDiffusion model, Lane lane);
  }

  ModelDemo(DemoSettings settings, ConceptJudge judge) {
    this.settings = settings;
    this.judge = judge;
  }

  DemoModel original(Lane lane) {
    try (Scope scope = new Scope();
        StableDiffusion model = load(lane, ORIGINAL)) {
      return new DemoModel(ORIGINAL, drawErased(lane, ORIGINAL, model), drawRetained(lane, ORIGINAL, model), null, Map.of());
    }
  }

  DemoModel forgetMeNot(Lane lane) {
    return erased(lane, FORGET_ME_NOT, this::forgetMeNot);
  }

  DemoModel advUnlearn(Lane lane) {
    return erased(lane, ADVUNLEARN, this::advUnlearn);
  }

  private DemoModel erased(Lane lane, String name, Eraser eraser) {
    try (Scope scope = new Scope();
        StableDiffusion model = load(lane, name)) {
      Map<String, List<Double>> losses = eraser.erase(model, lane);
      List<DemoPicture> pictures = drawErased(lane, name, model);
      DemoAttack attack = attack(lane, name, model, pictures);
      return new DemoModel(name, pictures, drawRetained(lane, name, model), attack, losses);
    }
  }

  private StableDiffusion load(Lane lane, String name) {
    return lane.phase(name, "load", 1, "model", steps -> StableDiffusion.load(Checkpoint.open(settings.model())));
  }

  private List<DemoPicture> drawErased(Lane lane, String name, StableDiffusion model) {
    Pictures pictures = new Pictures(settings, model, judge);
    return lane.phase(name, "draw " + settings.concept(), settings.picturesEach(), "pictures", pictures::erased);
  }

  private List<DemoPicture> drawRetained(Lane lane, String name, StableDiffusion model) {
    Pictures pictures = new Pictures(settings, model, judge);
    int count = settings.picturesEach() * settings.retained().size();
    return lane.phase(name, "draw the others", count, "pictures", pictures::retained);
  }

  private Map<String, List<Double>> forgetMeNot(StableDiffusion model, Lane lane) {
    List<Double> losses =
        lane.phase(
            FORGET_ME_NOT,
            "erase",
            settings.maxTrainSteps(),
            "steps",
            steps ->
                ForgetMeNot.erase(
                    model,
                    List.of(settings.concept(DemoSettings.prompt(settings.concept()))),
                    settings.forgetMeNot(model.nativeResolution()),
                    provider,
                    (step, loss) -> {
                      steps.done(step);
                      return true;
                    }));
    return Map.of("attention", losses);
  }

  private Map<String, List<Double>> advUnlearn(StableDiffusion model, Lane lane) {
    AdvUnlearnSettings method = settings.advUnlearn(model.nativeResolution());
    Lane.Steps[] filling = new Lane.Steps[1];
    try (LatentSources sources =
            LatentSources.banks(
                model,
                method,
                settings.retainPrompts(),
                null,
                DemoSettings.BANK_TRAJECTORIES,
                1,
                (done, total) -> {
                  filling[0].done(done * settings.trajectories() / total);
                  return true;
                });
        AdvUnlearn run = new AdvUnlearn(model, settings.model().toString(), sources.all(), method, provider)) {
      lane.phase(
          ADVUNLEARN,
          "fill the latent bank",
          settings.trajectories(),
          "trajectories",
          steps -> {
            filling[0] = steps;
            return sources.fill();
          });
      List<Iteration> iterations =
          lane.phase(ADVUNLEARN, "erase", method.iterations(), "iterations", steps -> run.run(null, counting(steps)));
      Map<String, List<Double>> losses = new LinkedHashMap<>();
      losses.put("attack", iterations.stream().map(Iteration::attackLoss).toList());
      losses.put("erase", iterations.stream().map(Iteration::erasingLoss).toList());
      losses.put("retain", iterations.stream().map(Iteration::retainLoss).toList());
      return losses;
    }
  }

  private static RunListener counting(Lane.Steps steps) {
    return new RunListener() {
      @Override
      public void afterIteration(Iteration iteration) {
        steps.done(iteration.number());
      }

      @Override
      public boolean cancelled() {
        return false; // counting a step cancels
      }
    };
  }

  /** @param drawn the erased concept's pictures, those that are attacked first */
  private DemoAttack attack(Lane lane, String name, StableDiffusion model, List<DemoPicture> drawn) {
    Map<Integer, BufferedImage> images = new TreeMap<>();
    AttackRun run =
        new AttackRun(
            model,
            settings.concept(),
            judge,
            settings.drawing(model.nativeResolution()),
            (prompt, attacked, image) -> images.put(prompt, PngWriter.bufferedImage(image)));
    List<AttackPrompt> prompts = settings.attackedPictures();
    List<PromptOutcome> outcomes =
        lane.phase(
            name,
            "attack",
            prompts.size(),
            "prompts",
            steps -> {
              try (ConceptLatents latents = ConceptLatents.of(model, settings.images());
                  TokenAttack attack =
                      TokenAttack.unlearnDiffAtk(
                          model, settings.attack(), PromptEncoder.TEXT, latents.all(), provider)) {
                return run.attack(attack, prompts, prompt -> drawn.get(prompt).verdict(), new AttackSteps(steps));
              }
            });
    for (int prompt = 0; prompt < outcomes.size(); prompt++) {
      if (outcomes.get(prompt).succeededBefore()) {
        images.put(prompt, drawn.get(prompt).image());
      }
    }
    return new DemoAttack(
        outcomes, images, new AttackReport(settings.concept(), outcomes, model.tokenizer()).data());
  }

  /** Counts prompts, and asks at every step whether to go on. */
  private record AttackSteps(Lane.Steps steps) implements AttackRun.Listener {
    @Override
    public boolean goOn() {
      return true; // counting a step cancels
    }

    @Override
    public void afterStep(int prompt, int round, int step, double loss) {
      steps.done(prompt);
    }

    @Override
    public void afterImage(int prompt, int round) {
      steps.done(prompt);
    }

    @Override
    public void afterPrompt(int prompt, PromptOutcome outcome) {
      steps.done(prompt + 1);
    }
  }
}
