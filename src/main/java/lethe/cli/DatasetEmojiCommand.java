package lethe.cli;

import java.nio.file.Path;
import lethe.dataset.EmojiDatasetSettings;
import lethe.dataset.EmojiDatasetWriter;
import lethe.dataset.EmojiRecipe;

/** {@code lethe dataset emoji}: the bundled model's training set, from the artwork of icon packages. */
final class DatasetEmojiCommand implements Command {
  static final Flag<Path> FROM =
      Flag.path("from", "DIR", "a folder in which npm install put the icon packages").mandatory();
  static final Flag<Path> OUT = Flag.path("out", "DIR", "the data set's folder; must not exist").mandatory();
  static final Flag<String> CONCEPTS =
      Flag.text("concepts", "A,B", "concepts to draw, of those in docs/dataset.md").orElseShown("all of them");
  static final Flag<Integer> RESOLUTION =
      Flag.integer("resolution", Range.between(16, 512), "side of a picture in pixels").orElse(64);
  static final Flag<Integer> VARIANTS = Flag.integer(
      "variants", Range.between(1, 100), "pictures per concept and style; the last 3 of 16 are held out").orElse(16);
  static final Flag<Long> SEED = Flag.longInteger("seed", Range.atLeast(0L), "of shifts, scales and turns").orElse(0L);

  @Override
  public Syntax syntax() {
    return new Syntax()
        .flags("Options", FROM, OUT)
        .flags("Pictures", CONCEPTS, RESOLUTION, VARIANTS, SEED)
        .example("lethe dataset emoji --from node_modules --out emoji");
  }

  @Override
  public int run(Arguments arguments, Terminal terminal) {
    EmojiRecipe recipe = EmojiRecipe.builtIn();
    EmojiDatasetWriter writer = new EmojiDatasetWriter(
        recipe.only(NameList.of(arguments, CONCEPTS, recipe.conceptNames())),
        new EmojiDatasetSettings(arguments.get(RESOLUTION), arguments.get(VARIANTS), arguments.get(SEED)));
    Path out = arguments.get(OUT);
    try (ProgressBar progress = new ProgressBar(terminal, "dataset emoji", writer.size())) {
      writer.write(arguments.get(FROM), out, drawn -> progress.step(drawn, ""));
    }
    terminal.print(out.toString());
    return ExitCode.OK;
  }
}
