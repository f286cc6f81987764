package lethe.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import lethe.checkpoint.AtomicOutput;
import lethe.checkpoint.Checkpoint;
import lethe.demo.Demo;
import lethe.demo.DemoOutput;
import lethe.demo.DemoSettings;
import lethe.error.UserException;
import lethe.evaluate.Bundled;
import lethe.evaluate.ClassifierJudge;
import lethe.report.demo.DemoFindings;
import lethe.tensor.Scope;

/** {@code lethe demo}: every method on a small model, and a page that shows what came of it. */
final class DemoCommand implements Command {
  static final Flag<Path> MODEL =
      Flag.path("model", "DIR", "a diffusers folder with reference pictures; the settings suit the bundled one")
          .orElseShown("the bundled one");
  static final Flag<String> CONCEPT =
      Flag.text("concept", "NAME", "what to erase, an object or character of the model's").orElse(DemoSettings.CONCEPT);
  static final Flag<String> RETAIN =
      Flag.text("retain", "NAME", "another one to draw; may be given several times")
          .repeated()
          .orElseShown("its neighbours in ConceptBench, and two of other kinds");
  static final Flag<Path> REFERENCES =
      Flag.path("references", "DIR", "pictures of the objects in each style, a folder per object")
          .orElseShown("the model's reference folder");
  static final Flag<Path> JUDGE =
      Flag.path("judge", "DIR", "a classifier that 'lethe train classifier' made, which knows the objects")
          .orElseShown("the bundled one");
  static final Flag<Integer> COUNT =
      Flag.integer("count", Range.between(1, 100), "pictures of each object in each style")
          .orElse(DemoSettings.COUNT);
  static final Flag<Integer> STEPS =
      Flag.integer("steps", Range.between(1, 1000), "sampler steps").orElse(DemoSettings.STEPS);
  static final Flag<Integer> MAX_TRAIN_STEPS =
      Flag.integer("max-train-steps", Range.atLeast(1), "Forget-Me-Not's").orElse(DemoSettings.MAX_TRAIN_STEPS);
  static final Flag<Integer> ITERATIONS =
      Flag.integer("iterations", Range.atLeast(1), "AdvUnlearn's").orElse(DemoSettings.ITERATIONS);
  static final Flag<Integer> BUDGET =
      Flag.integer("budget", Range.atLeast(1), "optimisation steps of an attack on a prompt")
          .orElse(DemoSettings.BUDGET);
  static final Flag<Long> SEED =
      Flag.longInteger("seed", Range.atLeast(0L), "of pictures, trainings and attacks").orElse(0L);
  static final Flag<Path> OUT =
      Flag.path("out", "DIR", "a new folder for index.html and its figures").orElse(Path.of("demo"));

  @Override
  public Syntax syntax() {
    return new Syntax()
        .flags("What", MODEL, CONCEPT, RETAIN, REFERENCES, JUDGE, SEED, OUT)
        .flags("How much", COUNT, STEPS, MAX_TRAIN_STEPS, ITERATIONS, BUDGET)
        .example("lethe demo");
  }

  @Override
  public int run(Arguments arguments, Terminal terminal) {
    Path out = arguments.get(OUT);
    AtomicOutput.requireAbsent(out);
    Path model = arguments.find(MODEL).orElseGet(Bundled::model);
    Checkpoint.open(model);
    Path references = references(arguments, model);
    Path classifier = arguments.find(JUDGE).orElseGet(Bundled::judge);
    try (Scope scope = new Scope();
        ClassifierJudge judge = ClassifierJudge.load(classifier);
        Interrupt interrupt = Interrupt.install(terminal);
        DemoProgress progress = new DemoProgress(terminal, interrupt)) {
      DemoSettings settings = settings(arguments, model, new DemoPlan(arguments, references, judge), classifier);
      DemoFindings findings = Demo.run(settings, judge, named(classifier, judge), Version.get(), out, progress);
      DemoOutput.write(out, settings, findings);
      terminal.note("open %s in a browser".formatted(out.resolve(DemoOutput.PAGE).toUri()));
      terminal.print(out.resolve(DemoOutput.PAGE).toString());
      return ExitCode.OK;
    } catch (CancellationException e) {
      terminal.note("interrupted; nothing is written");
      return ExitCode.INTERRUPTED;
    }
  }

  private static Path references(Arguments arguments, Path model) {
    Path own = model.resolve("reference");
    if (!arguments.has(REFERENCES) && !Files.isDirectory(own)) {
      throw UserException.usage(model + " has no reference folder; name reference pictures by --references DIR");
    }
    return arguments.find(REFERENCES).orElse(own);
  }

  /** For readers of the page. */
  private static String named(Path classifier, ClassifierJudge judge) {
    return "a trained classifier (%s), which knows %d objects and characters and may see none of them"
        .formatted(classifier.getFileName(), judge.concepts().size());
  }

  private static DemoSettings settings(Arguments arguments, Path model, DemoPlan plan, Path classifier) {
    return new DemoSettings(
        model,
        plan.concept(),
        plan.retained(),
        plan.styles(),
        plan.images(),
        classifier,
        arguments.get(COUNT),
        arguments.get(SEED),
        arguments.get(STEPS),
        arguments.get(MAX_TRAIN_STEPS),
        arguments.get(ITERATIONS),
        arguments.get(BUDGET));
  }
}
