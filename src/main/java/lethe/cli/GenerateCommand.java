package lethe.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.error.UserException;
import lethe.kernel.Provider;
import lethe.model.SamplingSettings;
import lethe.model.StableDiffusion;
import lethe.model.scheduler.Schedulers;
import lethe.report.ImageSheet;
import lethe.tensor.Device;
import lethe.tensor.Scope;

/** {@code lethe generate}: images from prompts, as PNG files that carry their parameters. */
final class GenerateCommand implements Command {
  static final Flag<String> PROMPT =
      Flag.text("prompt", "TEXT", "what to draw; may be given several times").mandatory().repeated();
  static final Flag<String> NEGATIVE = Flag.text("negative", "TEXT", "what to steer away from").orElse("");
  static final Flag<Integer> STEPS = Flag.integer("steps", Range.between(1, 1000), "sampler steps").orElse(50);
  static final Flag<Double> GUIDANCE =
      Flag.decimal("guidance", Range.atLeast(0.0), "guidance scale; 1 or less turns guidance off").orElse(7.5);
  static final Flag<String> SCHEDULER =
      Flag.choice("scheduler", Schedulers.NAMES, "sampler").orElseShown("the checkpoint's own");
  static final Flag<Long> SEED =
      Flag.longInteger("seed", Range.atLeast(0L), "of a prompt's first image; its image i has seed + i").orElse(0L);
  static final Flag<Integer> COUNT = Flag.integer("count", Range.between(1, 10_000), "images per prompt").orElse(1);
  static final Flag<Integer> WIDTH =
      Flag.integer("width", Range.atLeast(8), "in pixels").orElseShown("the checkpoint's own");
  static final Flag<Integer> HEIGHT =
      Flag.integer("height", Range.atLeast(8), "in pixels").orElseShown("the checkpoint's own");
  static final Flag<Path> OUT =
      Flag.path("out", "PATH", "a folder; or a .png file, for a single image or with --grid").orElse(Path.of("out"));
  static final Flag<Boolean> GRID = Flag.toggle("grid", "write all images as one, a row per prompt");

  @Override
  public Syntax syntax() {
    return new Syntax()
        .flags("Model", ModelFlags.MODEL, ModelFlags.CONFIG, ModelFlags.DEVICE, ModelFlags.THREADS)
        .flags("Image", PROMPT, NEGATIVE, STEPS, GUIDANCE, SCHEDULER, SEED, COUNT, WIDTH, HEIGHT)
        .flags("Output", OUT, GRID)
        .example(
            "lethe generate --model models/emoji-canvas --prompt \"a picture of a church in noto style\""
                + " --steps 25 --guidance 4 --out church.png");
  }

  @Override
  public int run(Arguments arguments, Terminal terminal) {
    Device device = ModelFlags.device(arguments);
    ImageOutput output =
        ImageOutput.at(arguments.get(OUT), arguments.get(GRID), arguments.all(PROMPT).size() * arguments.get(COUNT));
    try (Scope scope = new Scope();
        StableDiffusion model = StableDiffusion.load(ModelFlags.open(arguments), device);
        Interrupt interrupt = Interrupt.install(terminal)) {
      ModelFlags.applyThreads(arguments, model, Provider.choose());
      return new Run(arguments, terminal, model, output, interrupt).draw();
    }
  }

  /** One command at work. */
  private static final class Run {
    private final Arguments arguments;
    private final Terminal terminal;
    private final StableDiffusion model;
    private final ImageOutput output;
    private final Interrupt interrupt;
    private final int width;
    private final int height;

    Run(Arguments arguments, Terminal terminal, StableDiffusion model, ImageOutput output, Interrupt interrupt) {
      this.arguments = arguments;
      this.terminal = terminal;
      this.model = model;
      this.output = output;
      this.interrupt = interrupt;
      this.width = side(WIDTH);
      this.height = side(HEIGHT);
    }

    private int side(Flag<Integer> flag) {
      int side = arguments.find(flag).orElse(model.nativeResolution());
      int factor = model.vae().config().downsamplingFactor();
      if (side % factor != 0) {
        throw UserException.usage("--" + flag.name() + " " + side + ": expected a multiple of " + factor);
      }
      return side;
    }

    int draw() {
      List<String> prompts = arguments.all(PROMPT);
      prompts.forEach(this::warnIfTruncated);
      boolean grid = arguments.get(GRID);
      long total = (long) prompts.size() * arguments.get(COUNT);
      int drawn = 0;
      try (ImageSheet sheet = new ImageSheet(model, width, height);
          ProgressBar progress = new ProgressBar(terminal, "generate", total)) {
        for (String prompt : prompts) {
          sheet.startRow();
          for (int i = 0; i < arguments.get(COUNT); i++) {
            if (interrupt.requested()) {
              return ExitCode.INTERRUPTED;
            }
            long seed = arguments.get(SEED) + i;
            sheet.draw(sampling(prompt), seed);
            if (!grid) {
              Path file = output.file(drawn);
              sheet.writeLast(file, Map.of("parameters", parameters(prompt, seed)));
              terminal.print(file.toString());
            }
            progress.step(++drawn, "seed " + seed);
          }
        }
        if (grid) {
          Path file = output.file(0);
          sheet.writeGrid(
              file, Map.of("parameters", parameters(String.join(" | ", prompts), arguments.get(SEED))));
          terminal.print(file.toString());
        }
      }
      return ExitCode.OK;
    }

    private void warnIfTruncated(String prompt) {
      int tokens = model.tokenizer().encode(prompt).length;
      int room = model.tokenizer().maxLength() - 2; // start and end of text
      if (tokens > room) {
        terminal.warn("the prompt has " + tokens + " tokens, only the first " + room + " count: \"" + prompt + "\"");
      }
    }

    private SamplingSettings sampling(String prompt) {
      return new SamplingSettings(
          prompt,
          arguments.get(NEGATIVE),
          arguments.find(SCHEDULER).orElse(null),
          arguments.get(STEPS),
          arguments.get(GUIDANCE));
    }

    /** In the form that other tools write and read. */
    private String parameters(String prompt, long seed) {
      StringBuilder text = new StringBuilder(prompt).append('\n');
      if (!arguments.get(NEGATIVE).isEmpty()) {
        text.append("Negative prompt: ").append(arguments.get(NEGATIVE)).append('\n');
      }
      Map<String, Object> settings = new LinkedHashMap<>();
      settings.put("Steps", arguments.get(STEPS));
      settings.put("Sampler", arguments.find(SCHEDULER).orElse(model.schedulerConfig().name()));
      settings.put("CFG scale", Flag.display(arguments.get(GUIDANCE)));
      settings.put("Seed", seed);
      settings.put("Size", width + "x" + height);
      settings.put("Model", arguments.get(ModelFlags.MODEL).getFileName());
      settings.put("Version", "lethe " + Version.get());
      List<String> pairs = new ArrayList<>();
      settings.forEach((key, value) -> pairs.add(key + ": " + value));
      return text.append(String.join(", ", pairs)).toString();
    }
  }
}
