package lethe.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lethe.checkpoint.Checkpoint;
import lethe.dataset.Captions;
import lethe.dataset.DatasetConcept;
import lethe.dataset.EmojiDataset;
import lethe.error.UserException;
import lethe.kernel.Provider;
import lethe.model.SamplingSettings;
import lethe.model.StableDiffusion;
import lethe.report.ImageSheet;
import lethe.tensor.DType;
import lethe.tensor.Threads;
import lethe.train.OptimizerSettings;
import lethe.train.diffusion.DiffusionSettings;
import lethe.train.diffusion.DiffusionTraining;

/** {@code lethe train diffusion}: a UNet and its text encoder. */
final class TrainDiffusionCommand implements Command {
  private static final String NAME = "train diffusion";
  private static final String SHEET_PROMPT = "a picture of {article} {concept} in {style} style";
  private static final int SHEET_COLUMNS = 12;
  private static final int SHEET_STEPS = 20;
  private static final double SHEET_GUIDANCE = 4;

  static final Flag<Boolean> FREEZE_TEXT_ENCODER =
      Flag.toggle("freeze-text-encoder", "keep the text encoder of --like: a new UNet under an old encoder");

  static final Flag<String> MIXED_PRECISION =
      Flag.choice("mixed-precision", List.of("no", "bf16"), "bf16: the UNet computes in it, its weights stay fp32")
          .orElse("no");

  static final Flag<Integer> WORKERS =
      Flag.integer("workers", Range.atLeast(1), "replicas of the networks, each with its share of a batch on its own thread")
          .orElse(1);

  @Override
  public Syntax syntax() {
    return TrainFlags.syntax(FREEZE_TEXT_ENCODER, MIXED_PRECISION, WORKERS)
        .example("lethe train diffusion --data emoji --like vae --max-train-steps 20000 --out model");
  }

  @Override
  public int run(Arguments arguments, Terminal terminal) {
    Provider provider = TrainFlags.provider(arguments);
    TrainingRun run = new TrainingRun(NAME, arguments, terminal);
    EmojiDataset dataset = EmojiDataset.read(arguments.get(TrainFlags.DATA));
    OptimizerSettings settings = TrainFlags.settings(arguments);
    boolean freeze = arguments.get(FREEZE_TEXT_ENCODER);
    Map<String, String> identity = TrainFlags.identity(arguments, settings);
    identity.put(FREEZE_TEXT_ENCODER.name(), String.valueOf(freeze));
    String precision = arguments.get(MIXED_PRECISION);
    identity.put(MIXED_PRECISION.name(), precision);
    Threads.set(arguments.find(ModelFlags.THREADS).orElse(1));
    try (DiffusionTraining training =
        new DiffusionTraining(
            Checkpoint.open(arguments.get(TrainFlags.LIKE)),
            dataset,
            new DiffusionSettings(freeze, unetType(precision), workers(arguments)),
            settings,
            identity,
            provider)) {
      return run.run(training, provider, file -> writeSheet(training.average(), dataset, file));
    }
  }

  private static int workers(Arguments arguments) {
    int workers = arguments.get(WORKERS);
    int batch = arguments.get(TrainFlags.BATCH);
    if (workers > batch) {
      throw UserException.usage(
          "--workers %d: more than the %d images of a step; lower it, or raise --train-batch-size"
              .formatted(workers, batch));
    }
    return workers;
  }

  private static DType unetType(String precision) {
    return precision.equals("bf16") ? DType.BF16 : DType.F32;
  }

  /** A row for each style, with concepts from all over the data set. */
  private static void writeSheet(StableDiffusion model, EmojiDataset dataset, Path file) {
    List<DatasetConcept> concepts = dataset.concepts();
    int columns = Math.min(SHEET_COLUMNS, concepts.size());
    try (ImageSheet sheet = new ImageSheet(model, model.nativeResolution(), model.nativeResolution())) {
      for (String style : dataset.styles()) {
        sheet.startRow();
        for (int column = 0; column < columns; column++) {
          DatasetConcept concept = concepts.get(column * concepts.size() / columns);
          String prompt = Captions.fill(SHEET_PROMPT, concept, style);
          sheet.draw(new SamplingSettings(prompt, "", null, SHEET_STEPS, SHEET_GUIDANCE), column);
        }
      }
      sheet.writeGrid(file, Map.of());
    }
  }
}
