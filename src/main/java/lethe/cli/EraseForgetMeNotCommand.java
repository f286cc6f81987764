package lethe.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lethe.checkpoint.AtomicOutput;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.erase.forgetmenot.Concept;
import lethe.erase.forgetmenot.ForgetMeNot;
import lethe.erase.forgetmenot.ForgetMeNotSettings;
import lethe.error.UserException;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.report.RunRecord;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import lethe.tensor.Threads;

/** {@code lethe erase forget-me-not}: attention resteering on a checkpoint. */
final class EraseForgetMeNotCommand implements Command {
  private static final String NAME = "erase forget-me-not";
  private static final ForgetMeNotSettings PUBLISHED = ForgetMeNotSettings.DEFAULTS;

  static final Flag<String> CONCEPT =
      Flag.text("concept", "NAME[:TYPE:IMAGES]", "what to forget; several may be given, each with type and images")
          .mandatory()
          .repeated();
  static final Flag<Concept.Type> TYPE =
      Flag.choice("type", Concept.Type.class, "of concepts that carry none").orElse(Concept.Type.OBJECT);
  static final Flag<Path> IMAGES = Flag.path("images", "DIR", "pictures of concepts that carry no folder");
  static final Flag<String> PROMPT =
      Flag.text("prompt", "TEXT", "prompt with {concept} for the name")
          .orElseShown("a photo of {concept}; a photo in the style of {concept}");
  static final Flag<Integer> STEPS =
      Flag.integer("max-train-steps", Range.atLeast(1), "optimisation steps").orElse(PUBLISHED.maxTrainSteps());
  static final Flag<Integer> BATCH =
      Flag.integer("train-batch-size", Range.atLeast(1), "images in a step").orElse(PUBLISHED.trainBatchSize());
  static final Flag<Double> RATE =
      Flag.decimal("learning-rate", Range.above(0.0), "constant").orElse(PUBLISHED.learningRate());
  static final Flag<Double> BETA1 =
      Flag.decimal("adam-beta1", Range.between(0.0, 1.0), "AdamW").orElse(PUBLISHED.adamBeta1());
  static final Flag<Double> BETA2 =
      Flag.decimal("adam-beta2", Range.between(0.0, 1.0), "AdamW").orElse(PUBLISHED.adamBeta2());
  static final Flag<Double> WEIGHT_DECAY =
      Flag.decimal("adam-weight-decay", Range.atLeast(0.0), "AdamW").orElse(PUBLISHED.adamWeightDecay());
  static final Flag<Double> EPSILON =
      Flag.decimal("adam-epsilon", Range.above(0.0), "AdamW").orElse(PUBLISHED.adamEpsilon());
  static final Flag<Double> MAX_GRAD_NORM =
      Flag.decimal("max-grad-norm", Range.above(0.0), "bound on the norm of all gradients together")
          .orElse(PUBLISHED.maxGradNorm());
  static final Flag<Boolean> ONLY_OPTIMIZE_CA =
      Flag.toggle("only-optimize-ca", "train only cross-attention (attn2), not the whole UNet");
  static final Flag<Boolean> USE_POOLER =
      Flag.onOff("use-pooler", "also steer the end-of-text positions").orElse(PUBLISHED.usePooler());
  static final Flag<Boolean> NO_REAL_IMAGE =
      Flag.toggle("no-real-image", "start from zeros instead of images, which need not be given then");
  static final Flag<Boolean> CENTER_CROP = Flag.toggle("center-crop", "crop images at their centre, not at random");
  static final Flag<Integer> RESOLUTION =
      Flag.integer("resolution", Range.atLeast(8), "side of the training images in pixels")
          .orElseShown("the checkpoint's own, 512 for Stable Diffusion 1.x");
  static final Flag<Long> SEED =
      Flag.longInteger("seed", Range.atLeast(0L), "of order, crops, noise and timesteps").orElse(PUBLISHED.seed());
  static final Flag<Boolean> STRICT =
      Flag.toggle("strict", "the published code's quirks too: no gradient clipping when the whole UNet is trained");
  static final Flag<Provider> PROVIDER =
      Flag.choice("provider", Provider.class, "fused kernels, or plain LibTorch operations")
          .orElseShown("native where it loads");
  static final Flag<SavedType> SAVE_DTYPE =
      Flag.choice("save-dtype", SavedType.class, "of the trained UNet's weights; below fp32 small changes round away")
          .orElse(SavedType.FP32);
  static final Flag<Path> OUT =
      Flag.path("out", "OUT", "the erased checkpoint, in the format of the one read; must not exist").mandatory();

  @Override
  public Syntax syntax() {
    return new Syntax()
        .flags("Model", ModelFlags.MODEL, ModelFlags.CONFIG, OUT, SAVE_DTYPE)
        .flags("Concept", CONCEPT, TYPE, IMAGES, PROMPT, USE_POOLER)
        .flags("Training", STEPS, BATCH, RESOLUTION, CENTER_CROP, NO_REAL_IMAGE, ONLY_OPTIMIZE_CA, SEED, STRICT)
        .flags("Optimiser", RATE, BETA1, BETA2, WEIGHT_DECAY, EPSILON, MAX_GRAD_NORM)
        .flags("Running", PROVIDER, ModelFlags.DEVICE, ModelFlags.THREADS)
        .example(
            "lethe erase forget-me-not --model models/emoji-canvas --concept church --type object"
                + " --images models/emoji-canvas/reference/church --prompt \"a picture of a {concept}\""
                + " --only-optimize-ca --learning-rate 2e-4 --max-train-steps 72 --out erased");
  }

  @Override
  public int run(Arguments arguments, Terminal terminal) {
    List<Concept> concepts = arguments.all(CONCEPT).stream().map(text -> concept(text, arguments)).toList();
    Provider provider = arguments.find(PROVIDER).map(Provider::checked).orElseGet(Provider::choose);
    Device device = ModelFlags.device(arguments);
    Path out = arguments.get(OUT);
    try (Scope scope = new Scope();
        Interrupt interrupt = Interrupt.install(terminal)) {
      Checkpoint checkpoint = ModelFlags.open(arguments);
      AtomicOutput.requireAbsent(out);
      try (StableDiffusion model = StableDiffusion.load(checkpoint, device)) {
        ModelFlags.applyThreads(arguments, model, provider);
        ForgetMeNotSettings settings = settings(arguments, model);
        Map<String, Object> resolved = arguments.resolved();
        resolved.put(RESOLUTION.name(), settings.resolution());
        RunRecord record = new RunRecord(NAME, Version.get(), resolved);
        List<Double> losses = train(model, concepts, settings, provider, terminal, interrupt);
        record
            .ran(provider.on(device), Threads.get())
            .put("prompts", concepts.stream().map(Concept::prompt).toList())
            .put("model_sha256", checkpoint.hashes())
            .put("interrupted", interrupt.requested())
            .losses(losses);
        terminal.note("writing " + out);
        checkpoint.saveWith(Map.of(Component.UNET, model.unet().parametersAs(arguments.get(SAVE_DTYPE).dtype())), out);
        record.put("output_sha256", Checkpoint.hashesOf(out)).writeBeside(out);
        terminal.print(out.toString());
        return interrupt.requested() ? ExitCode.INTERRUPTED : ExitCode.OK;
      }
    }
  }

  private static List<Double> train(
      StableDiffusion model,
      List<Concept> concepts,
      ForgetMeNotSettings settings,
      Provider provider,
      Terminal terminal,
      Interrupt interrupt) {
    try (ProgressBar progress = new ProgressBar(terminal, "forget-me-not", settings.maxTrainSteps())) {
      return ForgetMeNot.erase(
          model,
          concepts,
          settings,
          provider,
          (step, loss) -> {
            progress.step(step, loss);
            return !interrupt.requested();
          });
    }
  }

  private static Concept concept(String text, Arguments arguments) {
    String[] parts = text.split(":", 3);
    Concept.Type type = arguments.get(TYPE);
    Path images = arguments.find(IMAGES).orElse(null);
    if (parts.length == 3) {
      type = TYPE.parse(parts[1]);
      images = Path.of(parts[2]);
    } else if (parts.length != 1) {
      throw UserException.usage("--concept '" + text + "': expected NAME or NAME:TYPE:IMAGES");
    }
    if (images == null && !arguments.get(NO_REAL_IMAGE)) {
      throw UserException.usage(
          "the concept \"" + parts[0] + "\" has no images; add --images DIR, or --no-real-image to do without");
    }
    String template = arguments.find(PROMPT).orElse(type.promptTemplate());
    return new Concept(parts[0].strip(), type, images, template);
  }

  private static ForgetMeNotSettings settings(Arguments arguments, StableDiffusion model) {
    return new ForgetMeNotSettings(
        arguments.get(STEPS),
        arguments.get(BATCH),
        arguments.get(RATE),
        arguments.get(BETA1),
        arguments.get(BETA2),
        arguments.get(WEIGHT_DECAY),
        arguments.get(EPSILON),
        arguments.get(MAX_GRAD_NORM),
        arguments.get(ONLY_OPTIMIZE_CA),
        arguments.get(USE_POOLER),
        arguments.get(NO_REAL_IMAGE),
        arguments.get(CENTER_CROP),
        arguments.find(RESOLUTION).orElseGet(model::nativeResolution),
        arguments.get(SEED),
        arguments.get(STRICT));
  }
}
