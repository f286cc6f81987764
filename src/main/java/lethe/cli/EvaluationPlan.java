package lethe.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import lethe.error.UserException;
import lethe.evaluate.BenchConcept;
import lethe.evaluate.BenchList;
import lethe.evaluate.BenchPrompt;
import lethe.evaluate.Bundled;
import lethe.evaluate.ClassifierJudge;
import lethe.evaluate.ConceptBench;
import lethe.evaluate.PictureRequest;

/**
 * What {@code lethe evaluate} has drawn: ConceptBench's prompts where it has a list of the judge's classes, or those of
 * {@code --template}. Only ConceptBench has prompts for a style as such.
 */
final class EvaluationPlan {
  private final Arguments arguments;
  private final ClassifierJudge judge;
  private final Path model; // that draws everything: the one before erasing, where there is one
  private final Optional<Bench> bench;
  private final List<String> erased;
  private final List<String> others;

  /** A list, and the part of it that the model draws. */
  private record Bench(Path model, BenchList all, BenchList drawn) {
    /** What was asked for by name. */
    BenchConcept concept(String words) {
      return drawn.concepts().stream()
          .filter(concept -> concept.words().equals(words))
          .findFirst()
          .orElseGet(() -> all.drawnBy(model, words));
    }
  }

  /** @throws UserException if a name is unknown to the judge, the model is not known to draw it, or none is left */
  EvaluationPlan(Arguments arguments, ClassifierJudge judge, Terminal terminal) {
    this.arguments = arguments;
    this.judge = judge;
    model = arguments.find(EvaluateCommand.BEFORE).orElseGet(() -> arguments.get(ModelFlags.MODEL));
    bench = list().map(list -> new Bench(model, list, list.drawnBy(model)));
    erased = arguments.has(EvaluateCommand.ERASED) ? named(EvaluateCommand.ERASED) : List.of();
    others = candidates(terminal).stream().filter(name -> !erased.contains(name)).toList();
    if (others.isEmpty()) {
      throw UserException.usage(
          "--erased %s: nothing is left that is to be retained; name it by --concepts"
              .formatted(String.join(",", erased)));
    }
  }

  private Optional<BenchList> list() {
    Path file = arguments.find(EvaluateCommand.BENCH).orElseGet(Bundled::bench);
    Optional<BenchList> list = ConceptBench.read(file).listOf(judge.concepts(), judge.styles());
    if (list.isEmpty() && arguments.has(EvaluateCommand.BENCH)) {
      throw UserException.usage(
          "--bench " + file + ": has no list of the judge's classes; leave it out, and give the prompt by --template");
    }
    return list;
  }

  private List<String> named(Flag<String> flag) {
    Set<String> known = new LinkedHashSet<>(judge.concepts());
    known.addAll(judge.styles());
    List<String> names = NameList.of(arguments, flag, known);
    for (String name : names) {
      if (!asksBench() && !judge.concepts().contains(name)) {
        throw UserException.usage(
            "--%s: '%s' is a style, and one template for all asks for concepts only; name concepts"
                .formatted(flag.name(), name));
      }
    }
    return names;
  }

  private List<String> candidates(Terminal terminal) {
    if (arguments.has(EvaluateCommand.CONCEPTS)) {
      return named(EvaluateCommand.CONCEPTS);
    }
    if (bench.isPresent() && !erased.isEmpty()) {
      return neighbours(bench.get());
    }
    return asksBench() ? allDrawn(bench.get().drawn(), terminal) : List.copyOf(judge.concepts());
  }

  /** What stands next to the erased, and must be retained. */
  private List<String> neighbours(Bench bench) {
    Stream<BenchConcept> concepts = erased.stream().map(bench::concept);
    return concepts.flatMap(concept -> bench.drawn().neighbours(concept).stream()).distinct().toList();
  }

  private List<String> allDrawn(BenchList drawn, Terminal terminal) {
    Set<String> words = drawn.words();
    List<String> leftOut = judge.concepts().stream().filter(concept -> !words.contains(concept)).toList();
    if (!leftOut.isEmpty()) {
      terminal.note("%s has no pictures of %d concepts of ConceptBench, which are left out: %s"
          .formatted(model, leftOut.size(), String.join(", ", leftOut)));
    }
    return judge.concepts().stream().filter(words::contains).toList();
  }

  private boolean asksBench() {
    return bench.isPresent() && !arguments.has(EvaluateCommand.TEMPLATE);
  }

  /** Which concepts and styles have been erased. */
  List<String> erased() {
    return erased;
  }

  /** Which others are drawn: all of which there are pictures where nothing is erased. */
  List<String> others() {
    return others;
  }

  /** Where the prompts come from, for readers. */
  String prompts() {
    return asksBench() ? "ConceptBench, list " + bench.get().all().name() : template();
  }

  List<PictureRequest> requests() {
    List<String> styles = NameList.of(arguments, EvaluateCommand.STYLES, judge.styles());
    List<String> names = Stream.concat(erased.stream(), others.stream()).toList();
    int count = arguments.get(EvaluateCommand.COUNT);
    long seed = arguments.get(EvaluateCommand.SEED);
    if (!asksBench()) {
      return PictureRequest.grid(judge, template(), names, styles, count, seed);
    }
    boolean inAnyStyle = !arguments.has(EvaluateCommand.STYLES);
    Predicate<BenchPrompt> wanted = prompt -> prompt.style().isEmpty() ? inAnyStyle : styles.contains(prompt.style());
    List<PictureRequest> requests = new ArrayList<>();
    for (String name : names) {
      BenchConcept concept = bench.get().concept(name);
      List<PictureRequest> of = PictureRequest.of(bench.get().drawn(), concept, wanted, count, seed);
      if (of.isEmpty()) {
        throw UserException.usage("--styles %s: leaves nothing of '%s' to draw; add it, or name others by --concepts"
            .formatted(arguments.get(EvaluateCommand.STYLES), name));
      }
      requests.addAll(of);
    }
    return requests;
  }

  private String template() {
    return arguments.find(EvaluateCommand.TEMPLATE).orElse(PictureRequest.TEMPLATE);
  }
}
