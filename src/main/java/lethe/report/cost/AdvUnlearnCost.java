package lethe.report.cost;

import static lethe.report.cost.ModelCost.TOKENS;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import lethe.attack.AttackMethod;
import lethe.attack.AttackSettings;
import lethe.erase.advunlearn.AdvUnlearnSettings;
import lethe.erase.advunlearn.RetainTrain;
import lethe.erase.advunlearn.TrainMethod;
import lethe.erase.advunlearn.latents.BankSettings;
import lethe.erase.advunlearn.latents.DdimGrid;
import lethe.profile.Work;

/**
 * What an iteration of AdvUnlearn's outer loop costs behind the warm-up, where one concept is erased and the whole text
 * encoder trained. The weight gradients of the UNet, which the published code computes and throws away, are left out.
 */
public final class AdvUnlearnCost {
  private final ModelCost model;
  private final AdvUnlearnSettings settings;
  private final DdimGrid grid;
  private final double meanSamplerSteps; // to a stop that is drawn uniformly
  private final List<Phase> phases = new ArrayList<>();

  private AdvUnlearnCost(ModelCost model, AdvUnlearnSettings settings) {
    if (!settings.trainMethod().equals(TrainMethod.DEFAULT)) {
      throw new IllegalArgumentException("the cost of " + settings.trainMethod() + " is not known");
    }
    this.model = model;
    this.settings = settings;
    grid = model.grid(settings.ddimSteps());
    meanSamplerSteps = IntStream.range(0, grid.stops()).map(grid::stepsUntil).average().orElseThrow();
  }

  /** With latents that are sampled for every draw, as published. */
  public static List<Phase> fresh(ModelCost model, AdvUnlearnSettings settings) {
    AdvUnlearnCost cost = new AdvUnlearnCost(model, settings);
    cost.sampleAttacked();
    cost.attack();
    cost.sampleTrained();
    cost.train();
    return cost.phases;
  }

  /**
   * With a bank of latents, whose filling is spread over all iterations.
   *
   * @param retainPrompts how many prompts are retained
   */
  public static List<Phase> bank(
      ModelCost model, AdvUnlearnSettings settings, BankSettings bank, int retainPrompts) {
    AdvUnlearnCost cost = new AdvUnlearnCost(model, settings);
    cost.fill(bank, retainPrompts);
    cost.attack();
    cost.train();
    return cost.phases;
  }

  private void fill(BankSettings bank, int retainPrompts) {
    double erasing = (double) bank.trajectories() / settings.iterations();
    double retain = (double) retainPrompts * bank.retainTrajectories() / settings.iterations();
    phases.add(new Phase("bank: sample", (erasing + retain) * grid.steps(), guided(1)));
    Work full = predict(BankSettings.BATCH).times(grid.stops() / BankSettings.BATCH);
    int left = grid.stops() % BankSettings.BATCH;
    phases.add(
        new Phase("bank: frozen predictions", 2 * erasing + retain, left == 0 ? full : full.plus(predict(left))));
  }

  private void sampleAttacked() {
    double steps = attackSteps();
    phases.add(new Phase("attack: sample z_t", steps * meanSamplerSteps, guided(1)));
    phases.add(new Phase("attack: frozen predictions", 2 * steps, predict(1)));
  }

  private void attack() {
    Cost text = model.text().pass(1, TOKENS, Gradients.INPUT);
    Cost unet = unet(1, Gradients.INPUT);
    phases.add(new Phase("attack: forward", attackSteps(), text.forward().plus(unet.forward())));
    phases.add(new Phase("attack: backward to the words", attackSteps(), text.backward().plus(unet.backward())));
  }

  private void sampleTrained() {
    int batch = settings.retainBatch();
    phases.add(new Phase("erase: sample z_t", meanSamplerSteps, guided(1)));
    phases.add(new Phase("erase: frozen predictions", 2, predict(1)));
    phases.add(new Phase("retain: sample latents", retainSteps() * meanSamplerSteps, guided(batch)));
    phases.add(new Phase("retain: frozen predictions", retainSteps(), predict(batch)));
  }

  private void train() {
    train("erase", 1, 1);
    train("retain", retainSteps(), settings.retainBatch());
    int updates = settings.retainTrain() == RetainTrain.REG ? 1 : 1 + retainSteps();
    phases.add(new Phase("Adam over the text encoder", updates, Work.adamW(model.text().trainedParameters())));
  }

  private void train(String name, int times, int batch) {
    Cost text = model.text().pass(batch, TOKENS, Gradients.WEIGHTS);
    Cost unet = unet(batch, Gradients.INPUT);
    phases.add(new Phase(name + ": forward", times, text.forward().plus(unet.forward())));
    phases.add(new Phase(name + ": backward to the encoder", times, text.backward().plus(unet.backward())));
  }

  private int retainSteps() {
    return settings.retainTrain() == RetainTrain.REG ? 1 : settings.retainStep();
  }

  private double attackSteps() {
    AttackSettings attack = settings.attack();
    boolean single = attack.attackMethod() == AttackMethod.FAST && !attack.strict();
    return (single ? 1.0 : attack.attackStep()) / settings.advPromptUpdateStep();
  }

  private Work predict(int batch) {
    return unet(batch, Gradients.NONE).forward();
  }

  /** A sampler's step: with guidance, with both contexts in one pass. */
  private Work guided(int batch) {
    return settings.startGuidance() == 1 ? predict(batch) : model.guided(batch, settings.imageSize());
  }

  private Cost unet(int batch, Gradients gradients) {
    return model.unetPass(batch, settings.imageSize(), gradients, false);
  }
}
