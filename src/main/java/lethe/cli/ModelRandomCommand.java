package lethe.cli;

import java.nio.file.Path;
import java.util.Map;
import lethe.checkpoint.ModelShape;
import lethe.model.RandomModel;
import lethe.report.RunRecord;
import lethe.tensor.DType;

/** {@code lethe model random}: a checkpoint of a published model's sizes, with random weights. */
final class ModelRandomCommand implements Command {
  private static final String NAME = "model random";

  static final Flag<String> LIKE =
      Flag.choice("like", ModelShape.NAMES, "the model whose configuration and sizes it gets").mandatory();
  static final Flag<SavedType> DTYPE = Flag.choice("dtype", SavedType.class, "of its weights").orElse(SavedType.FP32);
  static final Flag<Long> SEED = Flag.longInteger("seed", Range.atLeast(0L), "of its weights").orElse(0L);
  static final Flag<Path> OUT = Flag.path("out", "DIR", "the diffusers folder; must not exist").mandatory();

  @Override
  public Syntax syntax() {
    return new Syntax()
        .flags("Options", LIKE, DTYPE, SEED, OUT)
        .example("lethe model random --like tiny --out random-tiny");
  }

  @Override
  public int run(Arguments arguments, Terminal terminal) {
    ModelShape model = ModelShape.named(arguments.get(LIKE));
    DType dtype = arguments.get(DTYPE).dtype();
    Path out = arguments.get(OUT);
    RunRecord record = new RunRecord(NAME, Version.get(), arguments.resolved());
    long weights = RandomModel.shapes(model).values().stream().mapToLong(Map::size).sum();
    try (ProgressBar progress = new ProgressBar(terminal, NAME, weights)) {
      RandomModel.write(model, dtype, arguments.get(SEED), out, written -> progress.step(written, ""));
    }
    record.writeBeside(out);
    terminal.print(out.toString());
    return ExitCode.OK;
  }
}
