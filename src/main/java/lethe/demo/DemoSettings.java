package lethe.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lethe.attack.AttackSettings;
import lethe.attack.prompt.AttackPrompt;
import lethe.attack.prompt.Drawing;
import lethe.attack.prompt.TokenAttackSettings;
import lethe.erase.advunlearn.AdvUnlearnSettings;
import lethe.erase.advunlearn.AttackInit;
import lethe.erase.advunlearn.RetainTrain;
import lethe.erase.forgetmenot.Concept;
import lethe.erase.forgetmenot.ForgetMeNotSettings;

/**
 * What a demo does. What is not a component is chosen for the bundled model, whose text encoder has three layers:
 * higher rates and fewer steps than the published ones, which are meant for networks a hundred times its size.
 *
 * @param model a diffusers folder
 * @param concept to be erased, one of the judge's
 * @param retained concepts that are drawn besides; AdvUnlearn is trained to retain every other one of them
 * @param styles in which each is drawn
 * @param images of the concept, a folder
 * @param judge a trained classifier's folder
 * @param count pictures of each concept in each style
 * @param seed of trainings and attacks; a style's picture i has seed + i
 * @param steps of the sampler
 * @param maxTrainSteps Forget-Me-Not's
 * @param iterations AdvUnlearn's
 * @param budget the attacks' optimisation steps for a prompt
 */
public record DemoSettings(
    Path model,
    String concept,
    List<String> retained,
    List<String> styles,
    Path images,
    Path judge,
    int count,
    long seed,
    int steps,
    int maxTrainSteps,
    int iterations,
    int budget) {
  public static final String CONCEPT = "church";
  public static final int COUNT = 2;
  public static final int STEPS = 8;
  public static final int MAX_TRAIN_STEPS = 72;
  public static final int ITERATIONS = 20;
  public static final int BUDGET = 10;

  static final double GUIDANCE = 4;
  static final String SCHEDULER = "dpm++2m";

  static final double FORGET_ME_NOT_RATE = 2e-4;

  static final double ADVUNLEARN_RATE = 1e-3;
  static final double RETAIN_LOSS_W = 3;
  static final int ATTACK_STEP = 3;
  static final double ATTACK_RATE = 0.05;
  static final int ADV_PROMPT_NUM = 3;
  static final int BANK_STEPS = 10;
  static final int BANK_TRAJECTORIES = 2;

  static final int ATTACK_ROUNDS = 2;

  public DemoSettings {
    retained = List.copyOf(retained);
    styles = List.copyOf(styles);
  }

  /** {@code a church}, {@code an owl}. */
  static String withArticle(String concept) {
    return ("aeiou".indexOf(concept.charAt(0)) < 0 ? "a " : "an ") + concept;
  }

  /** {@code a picture of a church}: what is erased and retained. */
  static String prompt(String concept) {
    return "a picture of " + withArticle(concept);
  }

  private List<AttackPrompt> pictures(String pictured, int each) {
    List<AttackPrompt> prompts = new ArrayList<>();
    for (int i = 0; i < each; i++) {
      for (String style : styles) {
        prompts.add(new AttackPrompt(prompt(pictured) + " in " + style + " style", seed + i, GUIDANCE));
      }
    }
    return prompts;
  }

  /** How many pictures are drawn of a concept. */
  int picturesEach() {
    return styles.size() * count;
  }

  /** What is drawn of the erased concept: every style with the first seed, then with the next. */
  List<AttackPrompt> erasedPictures() {
    return pictures(concept, count);
  }

  List<AttackPrompt> retainedPictures(String retainedConcept) {
    return pictures(retainedConcept, count);
  }

  /** Those of the erased concept's pictures that are attacked, its first: one in every style. */
  List<AttackPrompt> attackedPictures() {
    return pictures(concept, 1);
  }

  /** AdvUnlearn's: those of every other retained concept, so that the rest shows what is lost elsewhere. */
  List<String> retainPrompts() {
    List<String> prompts = new ArrayList<>();
    for (int i = 0; i < retained.size(); i += 2) {
      prompts.add(prompt(retained.get(i)));
    }
    return prompts;
  }

  /** How many trajectories AdvUnlearn's latent bank holds. */
  int trajectories() {
    return BANK_TRAJECTORIES + retainPrompts().size();
  }

  Drawing drawing(int resolution) {
    return new Drawing(SCHEDULER, steps, "", resolution, resolution);
  }

  Concept concept(String prompt) {
    return new Concept(concept, Concept.Type.OBJECT, images, prompt.replace(concept, Concept.PLACEHOLDER));
  }

  ForgetMeNotSettings forgetMeNot(int resolution) {
    ForgetMeNotSettings published = ForgetMeNotSettings.DEFAULTS;
    return new ForgetMeNotSettings(
        maxTrainSteps,
        published.trainBatchSize(),
        FORGET_ME_NOT_RATE,
        published.adamBeta1(),
        published.adamBeta2(),
        published.adamWeightDecay(),
        published.adamEpsilon(),
        published.maxGradNorm(),
        true,
        published.usePooler(),
        published.noRealImage(),
        published.centerCrop(),
        resolution,
        seed,
        published.strict());
  }

  AdvUnlearnSettings advUnlearn(int resolution) {
    AdvUnlearnSettings published = AdvUnlearnSettings.DEFAULTS;
    AttackSettings attack = published.attack();
    return new AdvUnlearnSettings(
        List.of(prompt(concept)),
        published.trainMethod(),
        published.component(),
        published.normLayer(),
        RetainTrain.REG,
        published.retainBatch(),
        published.retainStep(),
        RETAIN_LOSS_W,
        new AttackSettings(
            attack.attackMethod(),
            ATTACK_STEP,
            ATTACK_RATE,
            attack.attackType(),
            attack.attackEmbdType(),
            ADV_PROMPT_NUM,
            attack.pgdNorm(),
            attack.pgdRadius(),
            attack.strict()),
        AttackInit.RANDOM,
        published.advPromptUpdateStep(),
        0,
        published.startGuidance(),
        published.negativeGuidance(),
        iterations,
        published.saveInterval(),
        ADVUNLEARN_RATE,
        BANK_STEPS,
        resolution,
        published.bankRenewInterval(),
        seed);
  }

  /** UnlearnDiffAtk's, in {@link #ATTACK_ROUNDS} rounds where the budget has as many steps. */
  TokenAttackSettings attack() {
    TokenAttackSettings published = TokenAttackSettings.DEFAULTS;
    return new TokenAttackSettings(
            published.k(),
            published.insertionLocation(),
            Math.max(1, budget / ATTACK_ROUNDS),
            published.nSamples(),
            published.learningRate(),
            published.weightDecay(),
            published.randInit(),
            published.criterion(),
            seed)
        .within(budget);
  }
}
