package lethe.cli;

import java.nio.file.Path;
import java.util.List;
import lethe.attack.prompt.ConceptInversionSettings;
import lethe.attack.prompt.Criterion;
import lethe.attack.prompt.InsertionLocation;
import lethe.attack.prompt.PromptEncoder;
import lethe.attack.prompt.TokenAttackSettings;
import lethe.error.UserException;
import lethe.kernel.Provider;
import lethe.model.scheduler.Schedulers;

/** The options of the {@code lethe attack} family. */
final class AttackFlags {
  private static final TokenAttackSettings TOKENS = TokenAttackSettings.DEFAULTS;
  private static final ConceptInversionSettings INVERSION = ConceptInversionSettings.DEFAULTS;

  static final Flag<Path> ORIGINAL =
      Flag.path("original", "CHECKPOINT", "the model before erasing, which draws the images that show the concept");
  static final Flag<Path> IMAGES =
      Flag.path("images", "DIR", "pictures of the concept, used in turn instead of those that --original draws");
  static final Flag<String> CONCEPT = Flag.text("concept", "NAME", "what was erased, as prompts name it").mandatory();
  static final Flag<Path> PROMPTS =
      Flag.path("prompts", "FILE", "a prompt on each line, or a .csv file with the columns prompt, evaluation_seed,"
              + " evaluation_guidance")
          .orElseShown("ConceptBench's for --concept");
  static final Flag<Path> REFERENCES =
      Flag.path("references", "DIR", "reference pictures of the judge: a folder per concept, or files named by concept")
          .orElseShown("the checkpoint's reference folder");
  static final Flag<Path> JUDGE =
      Flag.path("judge", "DIR", "a classifier that 'lethe train classifier' made, to judge in the references' place")
          .orElseShown("none");
  static final Flag<String> JUDGE_CONCEPT =
      Flag.text("judge-concept", "NAME", "the concept's name among the judge's").orElseShown("--concept");

  static final Flag<Integer> K = Flag.integer("k", Range.between(1, 75), "adversarial tokens; published for nudity: 5")
      .orElse(TOKENS.k());
  static final Flag<InsertionLocation> INSERTION_LOCATION =
      Flag.choice("insertion-location", InsertionLocation.class, "where they stand").orElse(TOKENS.insertionLocation());
  static final Flag<Integer> ITERATION =
      Flag.integer("iteration", Range.atLeast(1), "optimisation steps at a timestep").orElse(TOKENS.iteration());
  static final Flag<Integer> TRIES =
      Flag.integer("iteration", Range.atLeast(1), "draws of tokens").orElse(TOKENS.iteration());
  static final Flag<Integer> N_SAMPLES =
      Flag.integer("n-samples", Range.between(1, 1000), "timesteps, evenly spread").orElse(TOKENS.nSamples());
  static final Flag<Double> LR =
      Flag.decimal("lr", Range.above(0.0), "Adam's learning rate").orElse(TOKENS.learningRate());
  static final Flag<Double> WEIGHT_DECAY =
      Flag.decimal("weight-decay", Range.atLeast(0.0), "Adam's").orElse(TOKENS.weightDecay());
  static final Flag<Boolean> RAND_INIT =
      Flag.toggle("rand-init", "start from random distributions over the vocabulary instead of uniform ones");
  static final Flag<Criterion> CRITERION =
      Flag.choice("criterion", Criterion.class, "mean absolute or squared difference").orElse(TOKENS.criterion());
  static final Flag<Integer> BUDGET =
      Flag.integer("budget", Range.atLeast(1), "at most N optimisation steps (random: draws) a prompt: fewer timesteps,"
              + " still evenly spread")
          .orElseShown("none");
  static final Flag<PromptEncoder> ENCODE =
      Flag.choice("encode", PromptEncoder.class, "draw from a found prompt's text, as published, or from its token ids")
          .orElse(PromptEncoder.TEXT);
  static final Flag<Long> SEED =
      Flag.longInteger("seed", Range.atLeast(0L), "of every prompt's noise and tokens").orElse(TOKENS.seed());

  static final Flag<Integer> NEW_TOKENS = Flag.integer("k", Range.between(1, 75), "new tokens").orElse(INVERSION.k());
  static final Flag<Integer> STEPS =
      Flag.integer("max-train-steps", Range.atLeast(1), "optimisation steps").orElse(INVERSION.steps());
  static final Flag<Double> INVERSION_LR =
      Flag.decimal("lr", Range.above(0.0), "AdamW's learning rate").orElse(INVERSION.learningRate());
  static final Flag<Double> INVERSION_WEIGHT_DECAY =
      Flag.decimal("weight-decay", Range.atLeast(0.0), "AdamW's").orElse(INVERSION.weightDecay());
  static final Flag<Double> NORM =
      Flag.decimal("norm", Range.above(0.0), "norm to which the new embeddings are pulled; published: 0.4")
          .orElseShown("the vocabulary's mean norm");
  static final Flag<String> INITIALIZER =
      Flag.text("initializer", "WORDS", "words to start from").orElseShown("random");
  static final Flag<String> TEMPLATE =
      Flag.text("template", "TEXT", "training prompt with {concept} where the new tokens stand")
          .repeated()
          .orElseShown("a photo of a {concept} and six like it");

  static final Flag<Integer> SAMPLING_STEP_NUM =
      Flag.integer("sampling-step-num", Range.between(1, 1000), "sampler steps").orElse(50);
  static final Flag<Double> GUIDANCE =
      Flag.decimal("guidance", Range.atLeast(0.0), "guidance scale of prompts that carry none").orElse(7.5);
  static final Flag<String> SCHEDULER = Flag.choice("scheduler", Schedulers.NAMES, "sampler").orElse("lms");
  static final Flag<Long> EVAL_SEED =
      Flag.longInteger("eval-seed", Range.atLeast(0L), "of the start latents of prompts that carry no seed").orElse(0L);
  static final Flag<String> NEGATIVE_PROMPT =
      Flag.text("negative-prompt", "TEXT", "what to steer away from").orElse("");

  static final Flag<Provider> PROVIDER =
      Flag.choice("provider", Provider.class, "fused kernels, or plain LibTorch operations")
          .orElseShown("native where it loads");
  static final Flag<Path> OUT =
      Flag.path("out", "DIR", "a new folder for run.json, the images found and learnt embeddings").orElseShown("none");

  private AttackFlags() {}

  /**
   * Every attack's options.
   *
   * @param needsImages whether it follows a gradient on images of the concept
   * @param own the attack's own
   */
  static Syntax syntax(boolean needsImages, Flag<?>... own) {
    Syntax syntax = new Syntax().flags("Model", ModelFlags.MODEL, ModelFlags.CONFIG);
    if (needsImages) {
      syntax.flags("Model", ORIGINAL, IMAGES);
    }
    return syntax
        .flags("Concept", CONCEPT, PROMPTS, REFERENCES, JUDGE, JUDGE_CONCEPT)
        .flags("Attack", own)
        .flags("Drawing", SAMPLING_STEP_NUM, GUIDANCE, SCHEDULER, EVAL_SEED, NEGATIVE_PROMPT)
        .flags("Running", PROVIDER, ModelFlags.DEVICE, ModelFlags.THREADS, OUT, Syntax.JSON);
  }

  static TokenAttackSettings tokens(Arguments arguments, boolean randInit) {
    return within(
        arguments,
        new TokenAttackSettings(
            arguments.get(K),
            arguments.get(INSERTION_LOCATION),
            arguments.get(ITERATION),
            arguments.get(N_SAMPLES),
            arguments.get(LR),
            arguments.get(WEIGHT_DECAY),
            randInit,
            arguments.get(CRITERION),
            arguments.get(SEED)));
  }

  static TokenAttackSettings randomTokens(Arguments arguments) {
    return within(
        arguments,
        new TokenAttackSettings(
            arguments.get(K),
            arguments.get(INSERTION_LOCATION),
            arguments.get(TRIES),
            1,
            TOKENS.learningRate(),
            TOKENS.weightDecay(),
            TOKENS.randInit(),
            TOKENS.criterion(),
            arguments.get(SEED)));
  }

  private static TokenAttackSettings within(Arguments arguments, TokenAttackSettings settings) {
    return arguments.find(BUDGET).map(settings::within).orElse(settings);
  }

  static ConceptInversionSettings inversion(Arguments arguments) {
    int steps = arguments.get(STEPS);
    return new ConceptInversionSettings(
        arguments.get(NEW_TOKENS),
        arguments.find(BUDGET).map(budget -> Math.min(budget, steps)).orElse(steps),
        arguments.get(INVERSION_LR),
        arguments.get(INVERSION_WEIGHT_DECAY),
        arguments.find(NORM).orElse(INVERSION.norm()),
        arguments.find(INITIALIZER).orElse(INVERSION.initializer()),
        templates(arguments),
        arguments.get(CRITERION),
        arguments.get(SEED));
  }

  private static List<String> templates(Arguments arguments) {
    return arguments.has(TEMPLATE)
        ? arguments.all(TEMPLATE).stream().map(AttackFlags::template).toList()
        : INVERSION.templates();
  }

  private static String template(String text) {
    if (!text.contains(ConceptInversionSettings.PLACEHOLDER)) {
      throw UserException.usage(
          "--template '" + text + "': expected " + ConceptInversionSettings.PLACEHOLDER
              + " where the new tokens stand");
    }
    return text;
  }
}
