package lethe.cli;

import java.nio.file.Path;
import lethe.dataset.EmojiDatasetSettings;
import lethe.dataset.EmojiDatasetWriter;

/** {@code lethe dataset emoji}: the bundled model's training set, from the artwork of icon packages. */
final class DatasetEmojiCommand implements Command {
  static final Flag<Path> FROM =
      Flag.path("from", "DIR", "a folder in which npm install put the icon packages").mandatory();
  static final Flag<Path> OUT = Flag.path("out", "DIR", "the data set's folder; must not exist").mandatory();
  static final Flag<Integer> RESOLUTION =
      Flag.integer("resolution", Range.between(16, 512), "side of a picture in pixels").orElse(64);
  static final Flag<Integer> VARIANTS = Flag.integer(
      "variants", Range.between(1, 100), "pictures per concept and style; the last 3 of 16 are held out").orElse(16);
  static final Flag<Long> SEED = Flag.longInteger("seed", Range.atLeast(0L), "of shifts, scales and turns").orElse(0L);

  @Override
  public Syntax syntax() {
    return new Syntax()
        .flags("Options", FROM, OUT)
        .flags("Pictures", RESOLUTION, VARIANTS, SEED)
        .example("lethe dataset emoji --from node_modules --out emoji");
  }

  @Override
  public int run(Arguments arguments, Terminal terminal) {
    EmojiDatasetWriter writer = new EmojiDatasetWriter(
        new EmojiDatasetSettings(arguments.get(RESOLUTION), arguments.get(VARIANTS), arguments.get(SEED)));
    Path out = arguments.get(OUT);
    try (ProgressBar progress = new ProgressBar(terminal, "dataset emoji", writer.size())) {
      writer.write(arguments.get(FROM), out, drawn -> progress.step(drawn, ""));
    }
    terminal.print(out.toString());
    return ExitCode.OK;
  }
}
