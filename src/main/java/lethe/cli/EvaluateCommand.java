package lethe.cli;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.checkpoint.AtomicOutput;
import lethe.checkpoint.Checkpoint;
import lethe.error.UserException;
import lethe.evaluate.Accuracy;
import lethe.evaluate.ClassifierJudge;
import lethe.evaluate.Evaluation;
import lethe.evaluate.EvaluationSettings;
import lethe.evaluate.JudgedPicture;
import lethe.evaluate.PictureRequest;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.model.scheduler.Schedulers;
import lethe.report.ContactSheet;
import lethe.report.EvaluationReport;
import lethe.tensor.Device;
import lethe.tensor.Scope;

/** {@code lethe evaluate}: how often a model draws what it is asked for, in a trained judge's eyes. */
final class EvaluateCommand implements Command {
  static final Flag<Path> JUDGE =
      Flag.path("judge", "DIR", "a classifier that 'lethe train classifier' made").mandatory();
  static final Flag<Path> BEFORE =
      Flag.path("before", "CHECKPOINT", "the model before erasing: compare with what it draws from the same seeds")
          .orElseShown("none");
  static final Flag<String> ERASED =
      Flag.text("erased", "A,B", "with --before: concepts and styles that were erased; the others are to be retained");
  static final Flag<Path> BENCH =
      Flag.path("bench", "FILE", "ConceptBench: the prompts of each concept, and its neighbours")
          .orElseShown("the bundled one, where it lists the judge's classes");
  static final Flag<String> CONCEPTS =
      Flag.text("concepts", "A,B", "concepts and styles to draw, beside the erased ones")
          .orElseShown("the neighbours of the erased ones, or all concepts that the model draws");
  static final Flag<String> STYLES =
      Flag.text("styles", "A,B", "styles to draw them in").orElseShown("all that the judge knows");
  static final Flag<Integer> COUNT =
      Flag.integer("count", Range.between(1, 10_000), "pictures of each prompt").orElse(2);
  static final Flag<String> TEMPLATE =
      Flag.text(
              "template",
              "TEXT",
              "one prompt for all, with " + PictureRequest.CONCEPT + " and " + PictureRequest.STYLE)
          .orElseShown("ConceptBench's");
  static final Flag<Integer> STEPS =
      Flag.integer("steps", Range.between(1, 1000), "sampler steps").orElse(EvaluationSettings.DEFAULTS.steps());
  static final Flag<Double> GUIDANCE =
      Flag.decimal("guidance", Range.atLeast(0.0), "guidance scale")
          .orElse(EvaluationSettings.DEFAULTS.guidanceScale());
  static final Flag<String> SCHEDULER =
      Flag.choice("scheduler", Schedulers.NAMES, "sampler").orElse(EvaluationSettings.DEFAULTS.scheduler());
  static final Flag<Long> SEED =
      Flag.longInteger("seed", Range.atLeast(0L), "of each concept's first picture; the next has seed + 1").orElse(0L);
  static final Flag<Integer> BATCH =
      Flag.integer("batch-size", Range.between(1, 1024), "pictures drawn together").orElse(
          EvaluationSettings.DEFAULTS.batchSize());
  static final Flag<Boolean> TABLE = Flag.toggle("table", "print a line for each concept and style, too");
  static final Flag<Path> OUT =
      Flag.path("out", "FILE.json", "a new file for every picture's judgement").orElseShown("none");
  static final Flag<Path> SHEET =
      Flag.path("sheet", "FILE.png", "a contact sheet: the first picture of each concept in each style")
          .orElseShown("none");

  @Override
  public Syntax syntax() {
    return new Syntax()
        .flags("Model", ModelFlags.MODEL, ModelFlags.CONFIG, JUDGE, BEFORE, ERASED)
        .flags("Pictures", BENCH, CONCEPTS, STYLES, TEMPLATE, COUNT, STEPS, GUIDANCE, SCHEDULER, SEED, BATCH)
        .flags("Output", TABLE, OUT, SHEET, Syntax.JSON)
        .flags("Running", ModelFlags.DEVICE, ModelFlags.THREADS)
        .example(
            "lethe evaluate --model models/emoji-canvas --judge models/emoji-judge --concepts church,castle --table");
  }

  @Override
  public int run(Arguments arguments, Terminal terminal) {
    requireConsistent(arguments);
    arguments.find(OUT).ifPresent(AtomicOutput::requireAbsent);
    Device device = ModelFlags.device(arguments);
    try (Scope scope = new Scope();
        ClassifierJudge judge = ClassifierJudge.load(arguments.get(JUDGE));
        Interrupt interrupt = Interrupt.install(terminal)) {
      return new Session(arguments, terminal, judge, interrupt).run(device);
    }
  }

  private static void requireConsistent(Arguments arguments) {
    if (arguments.has(BEFORE) != arguments.has(ERASED)) {
      throw UserException.usage(
          arguments.has(BEFORE)
              ? "--before needs --erased A,B: the concepts and styles that were erased"
              : "--erased needs --before CHECKPOINT: the model before erasing");
    }
    if (arguments.has(TEMPLATE) && !arguments.get(TEMPLATE).contains(PictureRequest.CONCEPT)) {
      throw UserException.usage(
          "--template '" + arguments.get(TEMPLATE) + "': expected " + PictureRequest.CONCEPT
              + " where the concept stands");
    }
  }

  /** One command at work. */
  private static final class Session {
    private final Arguments arguments;
    private final Terminal terminal;
    private final ClassifierJudge judge;
    private final Interrupt interrupt;
    private final EvaluationPlan plan;
    private final List<PictureRequest> requests;

    Session(Arguments arguments, Terminal terminal, ClassifierJudge judge, Interrupt interrupt) {
      this.arguments = arguments;
      this.terminal = terminal;
      this.judge = judge;
      this.interrupt = interrupt;
      plan = new EvaluationPlan(arguments, judge, terminal);
      requests = plan.requests();
    }

    int run(Device device) {
      try (ContactSheet sheet = new ContactSheet()) {
        Accuracy after = measure(ModelFlags.open(arguments), device, "evaluate", sheet);
        Accuracy before =
            arguments.has(BEFORE) ? measure(Checkpoint.open(arguments.get(BEFORE)), device, "before", null) : null;
        if (interrupt.requested()) {
          return ExitCode.INTERRUPTED;
        }
        EvaluationReport report = new EvaluationReport(after);
        Map<String, Object> result = result(report, before);
        arguments.find(OUT).ifPresent(out -> write(out, Json.of(result)));
        arguments
            .find(SHEET)
            .ifPresent(file -> sheet.write(file, Map.of("parameters", plan.prompts())));
        terminal.print(arguments.get(Syntax.JSON) ? Json.of(result) : text(report, before));
        return ExitCode.OK;
      }
    }

    /** @param sheet that takes the pictures, or null */
    private Accuracy measure(Checkpoint checkpoint, Device device, String label, ContactSheet sheet) {
      Evaluation evaluation =
          new Evaluation(
              new EvaluationSettings(
                  arguments.get(SCHEDULER), arguments.get(STEPS), arguments.get(GUIDANCE), arguments.get(BATCH)));
      try (StableDiffusion model = StableDiffusion.load(checkpoint, device);
          ProgressBar progress = new ProgressBar(terminal, label, requests.size())) {
        ModelFlags.applyThreads(arguments, model, Provider.choose());
        int[] drawn = {0};
        List<JudgedPicture> judged =
            evaluation.run(
                model,
                judge,
                requests,
                (pictures, images) -> {
                  if (sheet != null) {
                    sheet.add(pictures, images);
                  }
                  drawn[0] += pictures.size();
                  progress.step(drawn[0], "");
                  return !interrupt.requested();
                });
        return new Accuracy(judged);
      }
    }

    private Map<String, Object> result(EvaluationReport report, Accuracy before) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("settings", arguments.resolved());
      result.putAll(report.data());
      if (before != null) {
        result.putAll(report.comparisonData(before, plan.erased(), plan.others()));
        result.put("before", new EvaluationReport(before).data());
      }
      return result;
    }

    private String text(EvaluationReport report, Accuracy before) {
      String table = arguments.get(TABLE) ? report.table() + "\n\n" : "";
      String comparison = before == null ? "" : report.comparison(before, plan.erased(), plan.others()) + "\n\n";
      return table + comparison + report.summary();
    }

    private static void write(Path out, String json) {
      AtomicOutput.file(out, channel -> channel.write(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8))));
    }
  }
}
