package lethe.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import lethe.attack.AttackMethod;
import lethe.attack.AttackSettings;
import lethe.attack.EmbeddingKind;
import lethe.attack.Joining;
import lethe.erase.advunlearn.AdvUnlearnSettings;
import lethe.erase.advunlearn.AttackInit;
import lethe.erase.advunlearn.RetainTrain;
import lethe.erase.advunlearn.TrainMethod;
import lethe.erase.advunlearn.TrainedComponent;
import lethe.kernel.PgdUpdate;
import lethe.model.StableDiffusion;

/** AdvUnlearn's options, under the names of the published tool, and the settings that they make. */
final class AdvUnlearnFlags {
  private static final AdvUnlearnSettings PUBLISHED = AdvUnlearnSettings.DEFAULTS;
  private static final AttackSettings ATTACKED = PUBLISHED.attack();

  /** What is erased, which decides the retain loss in the paper (section 6). */
  enum Type {
    NUDITY(0.3),
    STYLE(0.5),
    OBJECT(0.5);

    private final double retainLossW;

    Type(double retainLossW) {
      this.retainLossW = retainLossW;
    }
  }

  /** The ball and step of projected gradient descent. */
  enum Norm {
    LINF,
    L2
  }

  static final Flag<String> CONCEPT =
      Flag.text("concept", "TEXT", "the prompt to erase, such as \"van gogh\"").mandatory();
  static final Flag<String> SEPERATOR =
      Flag.text("seperator", "TEXT", "splits --concept into several, of which each attack takes one");
  static final Flag<Type> TYPE =
      Flag.choice("type", Type.class, "take the paper's settings for it: --retain-train reg, --attack-init random and"
          + " --retain-loss-w 0.3 (nudity) or 0.5");

  static final Flag<String> TRAIN_METHOD =
      Flag.of("train-method", "METHOD", "one of " + String.join(", ", TrainMethod.NAMES), "what is trained; a wrong"
          + " name lists all", word -> new TrainMethod(word).name()).orElse(PUBLISHED.trainMethod().name());
  static final Flag<TrainedComponent> COMPONENT =
      Flag.choice("component", TrainedComponent.class, "part of the text encoder's layers")
          .orElse(PUBLISHED.component());
  static final Flag<Boolean> NORM_LAYER = Flag.toggle("norm-layer", "train the text encoder's final norm, too");
  static final Flag<Integer> ITERATIONS =
      Flag.integer("iterations", Range.atLeast(1), "outer steps").orElse(PUBLISHED.iterations());
  static final Flag<Double> LR = Flag.decimal("lr", Range.above(0.0), "Adam's").orElse(PUBLISHED.lr());
  static final Flag<Integer> SAVE_INTERVAL =
      Flag.integer("save-interval", Range.atLeast(1), "iterations between saved states")
          .orElse(PUBLISHED.saveInterval());
  static final Flag<Double> NEGATIVE_GUIDANCE =
      Flag.decimal("negative-guidance", Range.atLeast(0.0), "of the erasing target")
          .orElse(PUBLISHED.negativeGuidance());
  static final Flag<Long> SEED =
      Flag.longInteger("seed", Range.atLeast(0L), "of latents, prompts and attacks").orElse(PUBLISHED.seed());
  static final Flag<Boolean> STRICT =
      Flag.toggle("strict", "the published code's quirks, too: gradients that accumulate, prompts split by words");

  static final Flag<RetainTrain> RETAIN_TRAIN =
      Flag.choice("retain-train", RetainTrain.class, "steps of its own, or part of the loss")
          .orElse(PUBLISHED.retainTrain());
  static final Flag<Integer> RETAIN_BATCH =
      Flag.integer("retain-batch", Range.atLeast(1), "prompts in a batch").orElse(PUBLISHED.retainBatch());
  static final Flag<Integer> RETAIN_STEP =
      Flag.integer("retain-step", Range.atLeast(1), "steps after each erasing step").orElse(PUBLISHED.retainStep());
  static final Flag<Double> RETAIN_LOSS_W =
      Flag.decimal("retain-loss-w", Range.atLeast(0.0), "its weight in the loss").orElse(PUBLISHED.retainLossW());

  static final Flag<AttackMethod> ATTACK =
      Flag.choice("attack", AttackMethod.class, "Adam (published as pgd), projected gradient descent, or one step"
          + " (published as fast_at)").orElse(ATTACKED.attackMethod());
  static final Flag<Integer> ATTACK_STEP =
      Flag.integer("attack-step", Range.atLeast(1), "its steps").orElse(ATTACKED.attackStep());
  static final Flag<Double> ATTACK_LR =
      Flag.decimal("attack-lr", Range.above(0.0), "its rate or step length").orElse(ATTACKED.attackLr());
  static final Flag<AttackInit> ATTACK_INIT =
      Flag.choice("attack-init", AttackInit.class, "where it starts").orElse(PUBLISHED.attackInit());
  static final Flag<String> ATTACK_TYPE =
      Flag.choice("attack-type", names(Joining.values()), "how its tokens join the prompt's")
          .orElse(ATTACKED.attackType().toString());
  static final Flag<String> ATTACK_EMBD_TYPE =
      Flag.choice("attack-embd-type", names(EmbeddingKind.values()), "before or behind the text encoder")
          .orElse(ATTACKED.attackEmbdType().toString());
  static final Flag<Integer> ADV_PROMPT_NUM =
      Flag.integer("adv-prompt-num", Range.atLeast(1), "its tokens").orElse(ATTACKED.advPromptNum());
  static final Flag<Integer> ADV_PROMPT_UPDATE_STEP =
      Flag.integer("adv-prompt-update-step", Range.atLeast(1), "iterations between attacks")
          .orElse(PUBLISHED.advPromptUpdateStep());
  static final Flag<Integer> WARMUP_ITER =
      Flag.integer("warmup-iter", Range.atLeast(0), "iterations before the first").orElse(PUBLISHED.warmupIter());
  static final Flag<Norm> PGD_NORM =
      Flag.choice("pgd-norm", Norm.class, "of --attack pgd: signed or normalised steps").orElse(Norm.LINF);
  static final Flag<Double> PGD_RADIUS =
      Flag.decimal("pgd-radius", Range.above(0.0), "of --attack pgd's ball around the start").orElseShown("no bound");

  static final Flag<Double> START_GUIDANCE =
      Flag.decimal("start-guidance", Range.atLeast(0.0), "of the sampler that makes the latents")
          .orElse(PUBLISHED.startGuidance());
  static final Flag<Integer> DDIM_STEPS =
      Flag.integer("ddim-steps", Range.between(1, 1000), "of that sampler").orElse(PUBLISHED.ddimSteps());
  static final Flag<Integer> IMAGE_SIZE =
      Flag.integer("image-size", Range.atLeast(8), "side of the images in pixels")
          .orElseShown("the checkpoint's own, 512 for Stable Diffusion 1.x");
  static final Flag<Integer> BANK_RENEW_INTERVAL =
      Flag.integer("bank-renew-interval", Range.atLeast(0), "iterations after which the bank's oldest trajectories are"
          + " replaced; 0 for never").orElse(PUBLISHED.bankRenewInterval());

  private AdvUnlearnFlags() {}

  static AdvUnlearnSettings settings(Arguments arguments, StableDiffusion model) {
    return settings(arguments, concepts(arguments), model.nativeResolution());
  }

  /** @param nativeResolution side of the images where none is given, in pixels */
  static AdvUnlearnSettings settings(Arguments arguments, List<String> concepts, int nativeResolution) {
    Type type = arguments.find(TYPE).orElse(null);
    return new AdvUnlearnSettings(
        concepts,
        new TrainMethod(arguments.get(TRAIN_METHOD)),
        arguments.get(COMPONENT),
        arguments.get(NORM_LAYER),
        type == null || arguments.has(RETAIN_TRAIN) ? arguments.get(RETAIN_TRAIN) : RetainTrain.REG,
        arguments.get(RETAIN_BATCH),
        arguments.get(RETAIN_STEP),
        type == null || arguments.has(RETAIN_LOSS_W) ? arguments.get(RETAIN_LOSS_W) : type.retainLossW,
        new AttackSettings(
            arguments.get(ATTACK),
            arguments.get(ATTACK_STEP),
            arguments.get(ATTACK_LR),
            Joining.valueOf(arguments.get(ATTACK_TYPE).toUpperCase(Locale.ROOT)),
            EmbeddingKind.valueOf(arguments.get(ATTACK_EMBD_TYPE).toUpperCase(Locale.ROOT)),
            arguments.get(ADV_PROMPT_NUM),
            PgdUpdate.Ball.valueOf(arguments.get(PGD_NORM).name()),
            arguments.find(PGD_RADIUS).orElse(Double.POSITIVE_INFINITY),
            arguments.get(STRICT)),
        type == null || arguments.has(ATTACK_INIT) ? arguments.get(ATTACK_INIT) : AttackInit.RANDOM,
        arguments.get(ADV_PROMPT_UPDATE_STEP),
        arguments.get(WARMUP_ITER),
        arguments.get(START_GUIDANCE),
        arguments.get(NEGATIVE_GUIDANCE),
        arguments.get(ITERATIONS),
        arguments.get(SAVE_INTERVAL),
        arguments.get(LR),
        arguments.get(DDIM_STEPS),
        arguments.find(IMAGE_SIZE).orElse(nativeResolution),
        arguments.get(BANK_RENEW_INTERVAL),
        arguments.get(SEED));
  }

  private static List<String> concepts(Arguments arguments) {
    String text = arguments.get(CONCEPT);
    String[] parts =
        arguments
            .find(SEPERATOR)
            .map(seperator -> text.split(Pattern.quote(seperator)))
            .orElse(new String[] {text});
    return Arrays.stream(parts).map(String::strip).toList();
  }

  private static List<String> names(Object[] constants) {
    return Arrays.stream(constants).map(Object::toString).toList();
  }
}
