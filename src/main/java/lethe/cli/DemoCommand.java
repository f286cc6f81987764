package lethe.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import lethe.checkpoint.AtomicOutput;
import lethe.checkpoint.Checkpoint;
import lethe.demo.Demo;
import lethe.demo.DemoOutput;
import lethe.demo.DemoSettings;
import lethe.error.UserException;
import lethe.evaluate.Bundled;
import lethe.evaluate.ClassifierJudge;
import lethe.evaluate.ConceptBench;
import lethe.report.demo.DemoFindings;
import lethe.tensor.Scope;

/** {@code lethe demo}: every method on a small model, and a page that shows what came of it. */
final class DemoCommand implements Command {
  static final Flag<Path> MODEL =
      Flag.path("model", "DIR", "a diffusers folder with reference pictures; the settings suit the bundled one")
          .orElseShown("the bundled one");
  static final Flag<String> CONCEPT =
      Flag.text("concept", "NAME", "what to erase, one of the model's objects").orElse(DemoSettings.CONCEPT);
  static final Flag<String> RETAIN =
      Flag.text("retain", "NAME", "another object to draw; may be given several times")
          .repeated()
          .orElseShown("its neighbours in ConceptBench");
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
      DemoSettings settings = settings(arguments, model, references, classifier, judge);
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
    return "a classifier trained on the same artwork (%s), which knows %d objects and may see none of them"
        .formatted(classifier.getFileName(), judge.concepts().size());
  }

  private static DemoSettings settings(
      Arguments arguments, Path model, Path references, Path classifier, ClassifierJudge judge) {
    String concept = known(arguments.get(CONCEPT), references, judge);
    Path images = pictures(references, concept);
    return new DemoSettings(
        model,
        concept,
        retained(arguments, concept, references, judge),
        styles(images),
        images,
        classifier,
        arguments.get(COUNT),
        arguments.get(SEED),
        arguments.get(STEPS),
        arguments.get(MAX_TRAIN_STEPS),
        arguments.get(ITERATIONS),
        arguments.get(BUDGET));
  }

  private static List<String> retained(
      Arguments arguments, String concept, Path references, ClassifierJudge judge) {
    if (!arguments.has(RETAIN)) {
      return neighbours(concept, references, judge);
    }
    List<String> retained =
        arguments.all(RETAIN).stream().map(name -> known(name, references, judge)).distinct().toList();
    if (retained.contains(concept)) {
      throw UserException.usage("\"" + concept + "\" cannot be both erased and retained; take it out of --retain");
    }
    return retained;
  }

  private static List<String> neighbours(String concept, Path references, ClassifierJudge judge) {
    List<String> neighbours =
        ConceptBench.read(Bundled.bench())
            .listOf(judge.concepts(), judge.styles())
            .map(list -> list.neighbours(list.inWords(concept)))
            .orElse(List.of())
            .stream()
            .filter(name -> Files.isDirectory(pictures(references, name)))
            .toList();
    if (neighbours.isEmpty()) {
      throw UserException.usage(
          "ConceptBench names no neighbour of \"" + concept + "\" that the model draws; name some by --retain NAME");
    }
    return neighbours;
  }

  private static String known(String name, Path references, ClassifierJudge judge) {
    String concept = name.strip().toLowerCase(Locale.ROOT);
    if (!judge.concepts().contains(concept)) {
      throw UserException.usage(
          "the judge does not know \"" + concept + "\"" + Nearest.hint(concept, judge.concepts()));
    }
    if (!Files.isDirectory(pictures(references, concept))) {
      throw UserException.usage(
          "\"" + concept + "\": there is no folder of its pictures, " + pictures(references, concept)
              + ", so the model is not known to draw it; name another");
    }
    return concept;
  }

  private static Path pictures(Path references, String concept) {
    return references.resolve(concept.replace(' ', '-'));
  }

  /** A reference picture is named by its style. */
  private static List<String> styles(Path images) {
    try (Stream<Path> files = Files.list(images)) {
      return files.map(file -> file.getFileName().toString().replaceFirst("\\.[^.]*$", "")).sorted().toList();
    } catch (IOException e) {
      throw UserException.failed(
          "%s: cannot be listed (%s); it must hold a picture in each style".formatted(images, e.getMessage()), e);
    }
  }
}
