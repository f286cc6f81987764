package lethe.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lethe.attack.prompt.SuccessRate;
import lethe.checkpoint.AtomicOutput;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Sha256;
import lethe.dataset.DatasetConcept;
import lethe.dataset.DatasetEntry;
import lethe.dataset.EmojiDataset;
import lethe.dataset.Split;
import lethe.error.UserException;
import lethe.kernel.Provider;
import lethe.model.classifier.ClassifierConfig;
import lethe.model.vae.Vae;
import lethe.report.Rates;
import lethe.report.RunRecord;
import lethe.tensor.Scope;
import lethe.tensor.Threads;
import lethe.train.classifier.ClassifierSettings;
import lethe.train.classifier.ClassifierTraining;
import lethe.train.classifier.HeldOutAccuracy;
import lethe.train.classifier.LabelledPictures;

/** {@code lethe train classifier}: the judge of what pictures show. */
final class TrainClassifierCommand implements Command {
  private static final String NAME = "train classifier";
  private static final ClassifierSettings OURS = ClassifierSettings.DEFAULTS;
  private static final int[] CHANNELS = {32, 64, 96, 160};
  private static final int NORM_GROUPS = 8;

  static final Flag<Path> DATA =
      Flag.path("data", "DIR", "a data set that 'lethe dataset emoji' made").mandatory();
  static final Flag<Path> VAE =
      Flag.path("vae", "CHECKPOINT", "a model whose VAE also gives the pictures, as a model that draws does")
          .orElseShown("none");
  static final Flag<Path> OUT = Flag.path("out", "DIR", "the classifier's folder; must not exist").mandatory();
  static final Flag<Integer> STEPS =
      Flag.integer("max-train-steps", Range.atLeast(1), "optimisation steps").orElse(OURS.steps());
  static final Flag<Integer> BATCH =
      Flag.integer("train-batch-size", Range.atLeast(6), "pictures in a step").orElse(OURS.batchSize());
  static final Flag<Double> RATE =
      Flag.decimal("learning-rate", Range.above(0.0), "at its highest; then it falls along a cosine")
          .orElse(OURS.learningRate());
  static final Flag<Integer> WARMUP =
      Flag.integer("lr-warmup-steps", Range.atLeast(1), "in which it rises").orElse(OURS.warmupSteps());
  static final Flag<Double> WEIGHT_DECAY =
      Flag.decimal("adam-weight-decay", Range.atLeast(0.0), "AdamW").orElse(OURS.weightDecay());
  static final Flag<Double> EMA =
      Flag.decimal("ema-decay", Range.between(0.0, 1.0), "of the moving average that is kept").orElse(OURS.emaDecay());
  static final Flag<Double> SMOOTHING =
      Flag.decimal("label-smoothing", Range.between(0.0, 1.0), "share of a target spread over all classes")
          .orElse(OURS.labelSmoothing());
  static final Flag<Long> SEED =
      Flag.longInteger("seed", Range.atLeast(0L), "of weights, order and augmentation").orElse(OURS.seed());
  static final Flag<Path> RESUME = Flag.path("resume", "FILE", "go on with a saved state, under the same options");
  static final Flag<Integer> SAVE_INTERVAL =
      Flag.integer("save-interval", Range.atLeast(1), "steps between saved states").orElse(200);
  static final Flag<Provider> PROVIDER =
      Flag.choice("provider", Provider.class, "fused kernels, or plain LibTorch operations")
          .orElseShown("native where it loads");

  @Override
  public Syntax syntax() {
    return new Syntax()
        .flags("Data", DATA, VAE, OUT)
        .flags("Training", STEPS, BATCH, RATE, WARMUP, WEIGHT_DECAY, EMA, SMOOTHING, SEED)
        .flags("Running", RESUME, SAVE_INTERVAL, PROVIDER, ModelFlags.THREADS)
        .example("lethe train classifier --data emoji --vae models/emoji-canvas --out judge");
  }

  @Override
  public int run(Arguments arguments, Terminal terminal) {
    Provider provider = arguments.find(PROVIDER).map(Provider::checked).orElseGet(Provider::choose);
    Path out = arguments.get(OUT);
    AtomicOutput.requireAbsent(out);
    EmojiDataset dataset = EmojiDataset.read(arguments.get(DATA));
    Threads.set(arguments.find(ModelFlags.THREADS).orElse(1));
    ClassifierSettings settings = settings(arguments);
    RunRecord record = new RunRecord(NAME, Version.get(), arguments.resolved());
    try (Scope scope = new Scope();
        Interrupt interrupt = Interrupt.install(terminal);
        LabelledPictures pictures = pictures(arguments, dataset, settings);
        LabelledPictures heldOut = LabelledPictures.of(dataset, dataset.entries(Split.HELD_OUT));
        ClassifierTraining training =
            new ClassifierTraining(config(arguments, dataset), pictures, settings, provider)) {
      arguments.find(RESUME).ifPresent(training::resume);
      Path state = out.resolveSibling(out.getFileName() + ".state.safetensors");
      if (!train(training, settings.steps(), state, arguments.get(SAVE_INTERVAL), terminal, interrupt)) {
        terminal.note("saved; go on with the same options and --resume " + state);
        return ExitCode.INTERRUPTED;
      }
      HeldOutAccuracy accuracy = HeldOutAccuracy.of(training.average(), heldOut);
      training.average().save(out);
      record
          .ran(provider, Threads.get())
          .put("parameters", training.average().parameterCount())
          .put("held_out_pictures", accuracy.pictures())
          .put("held_out_wrong_concept", mistakes(dataset, accuracy.wrongConcept()))
          .put("held_out_wrong_style", mistakes(dataset, accuracy.wrongStyle()))
          .put("output_sha256", Sha256.of(out.resolve("model.safetensors")))
          .writeBeside(out);
      delete(state);
      terminal.print(line("concept", accuracy.pictures(), accuracy.wrongConcept().size()));
      terminal.print(line("style", accuracy.pictures(), accuracy.wrongStyle().size()));
      return ExitCode.OK;
    }
  }

  /** Whether it was done to the end; else its state is saved. */
  private static boolean train(
      ClassifierTraining training, int steps, Path state, int saveInterval, Terminal terminal, Interrupt interrupt) {
    try (ProgressBar progress = new ProgressBar(terminal, NAME, training.steps(), steps)) {
      while (training.steps() < steps) {
        double loss = training.step();
        progress.step(training.steps(), loss);
        if (interrupt.requested() || training.steps() % saveInterval == 0) {
          training.save(state);
        }
        if (interrupt.requested()) {
          return false;
        }
      }
    }
    return true;
  }

  private static void delete(Path state) {
    try {
      Files.deleteIfExists(state);
    } catch (IOException e) {
      throw UserException.failed("cannot delete %s: %s; remove it by hand".formatted(state, e.getMessage()), e);
    }
  }

  private static LabelledPictures pictures(Arguments arguments, EmojiDataset dataset, ClassifierSettings settings) {
    LabelledPictures artwork = LabelledPictures.of(dataset, dataset.entries(Split.TRAIN));
    if (!arguments.has(VAE)) {
      return artwork;
    }
    try (artwork;
        Vae vae = Vae.load(Checkpoint.open(arguments.get(VAE)))) {
      return artwork.withCopies(vae, settings.seed());
    }
  }

  /** The pictures to look at. */
  private static List<String> mistakes(EmojiDataset dataset, List<Integer> pictures) {
    List<DatasetEntry> heldOut = dataset.entries(Split.HELD_OUT);
    return pictures.stream().map(picture -> heldOut.get(picture).file()).toList();
  }

  private static String line(String head, int pictures, int wrong) {
    return "held-out %-7s  %s".formatted(head, Rates.line(new SuccessRate(pictures - wrong, pictures)));
  }

  private static ClassifierConfig config(Arguments arguments, EmojiDataset dataset) {
    List<DatasetConcept> concepts = dataset.concepts();
    return new ClassifierConfig(
        dataset.resolution(),
        CHANNELS,
        NORM_GROUPS,
        concepts.stream().map(DatasetConcept::words).toList(),
        concepts.stream().map(concept -> concept.article() + " " + concept.words()).toList(),
        dataset.styles(),
        Sha256.of(arguments.get(DATA).resolve("dataset.json")));
  }

  private static ClassifierSettings settings(Arguments arguments) {
    return new ClassifierSettings(
        arguments.get(STEPS),
        arguments.get(BATCH),
        arguments.get(RATE),
        arguments.get(WARMUP),
        arguments.get(WEIGHT_DECAY),
        arguments.get(EMA),
        arguments.get(SMOOTHING),
        arguments.get(SEED));
  }
}
