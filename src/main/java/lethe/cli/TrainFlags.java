package lethe.cli;

import java.nio.file.Path;
import java.util.Map;
import lethe.checkpoint.Sha256;
import lethe.kernel.Provider;
import lethe.train.LearningRate;
import lethe.train.OptimizerSettings;

/** The options that the trainings of a model's parts share. */
final class TrainFlags {
  static final Flag<Path> DATA =
      Flag.path("data", "DIR", "a data set that 'lethe dataset emoji' made").mandatory();
  static final Flag<Path> LIKE =
      Flag.path("like", "CHECKPOINT", "the model whose sizes it gets, and whose other parts").mandatory();
  static final Flag<Path> OUT = Flag.path("out", "DIR", "the trained model; must not exist").mandatory();
  static final Flag<Boolean> RESUME =
      Flag.toggle("resume", "go on from OUT.state.safetensors, which every run leaves");
  static final Flag<Integer> SAVE =
      Flag.integer("save-interval", Range.atLeast(1), "steps between two saved states, each with a sheet of samples")
          .orElse(1000);
  static final Flag<SavedType> SAVE_DTYPE =
      Flag.choice("save-dtype", SavedType.class, "of the trained weights in OUT; saved states stay fp32")
          .orElse(SavedType.FP32);
  static final Flag<Integer> STEPS =
      Flag.integer("max-train-steps", Range.atLeast(1), "optimisation steps, earlier runs' included").mandatory();
  static final Flag<Integer> BATCH =
      Flag.integer("train-batch-size", Range.atLeast(1), "images in a step").orElse(32);
  static final Flag<Double> RATE =
      Flag.decimal("learning-rate", Range.above(0.0), "at its highest").orElse(1e-3);
  static final Flag<LearningRate.Shape> SCHEDULER =
      Flag.choice("lr-scheduler", LearningRate.Shape.class, "what comes after the warm-up")
          .orElse(LearningRate.Shape.CONSTANT);
  static final Flag<Integer> WARMUP =
      Flag.integer("lr-warmup-steps", Range.atLeast(1), "in which the rate rises").orElse(200);
  static final Flag<Double> WEIGHT_DECAY =
      Flag.decimal("adam-weight-decay", Range.atLeast(0.0), "AdamW").orElse(0.01);
  static final Flag<Double> MAX_GRAD_NORM =
      Flag.decimal("max-grad-norm", Range.above(0.0), "bound on the norm of all gradients together").orElse(1.0);
  static final Flag<Double> EMA =
      Flag.decimal("ema-decay", Range.between(0.0, 1.0), "of the moving average that is kept").orElse(0.999);
  static final Flag<Long> SEED =
      Flag.longInteger("seed", Range.atLeast(0L), "of weights, order, captions and noise").orElse(0L);
  static final Flag<Provider> PROVIDER =
      Flag.choice("provider", Provider.class, "fused kernels, or plain LibTorch operations")
          .orElseShown("native where it loads");

  private TrainFlags() {}

  /** A command's options: {@code own} come first. */
  static Syntax syntax(Flag<?>... own) {
    Syntax syntax = new Syntax().flags("Data", DATA, LIKE, OUT, SAVE_DTYPE, RESUME, SAVE);
    return (own.length == 0 ? syntax : syntax.flags("Model", own))
        .flags(
            "Training",
            STEPS,
            BATCH,
            RATE,
            SCHEDULER,
            WARMUP,
            WEIGHT_DECAY,
            MAX_GRAD_NORM,
            EMA,
            SEED)
        .flags("Running", PROVIDER, ModelFlags.THREADS);
  }

  static OptimizerSettings settings(Arguments arguments) {
    return new OptimizerSettings(
        new LearningRate(
            arguments.get(SCHEDULER), arguments.get(RATE), arguments.get(WARMUP), arguments.get(STEPS)),
        arguments.get(WEIGHT_DECAY),
        arguments.get(MAX_GRAD_NORM),
        arguments.get(EMA),
        arguments.get(BATCH),
        arguments.get(SEED));
  }

  /** What a run that goes on must have in common with the one before it. */
  static Map<String, String> identity(Arguments arguments, OptimizerSettings settings) {
    Map<String, String> identity = settings.identity();
    identity.put("data", Sha256.of(arguments.get(DATA).resolve("dataset.json")));
    return identity;
  }

  static Provider provider(Arguments arguments) {
    return arguments.find(PROVIDER).map(Provider::checked).orElseGet(Provider::choose);
  }
}
