package lethe.cli;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
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
 * {@code --template}.
 */
final class EvaluationPlan {
  private final Arguments arguments;
  private final ClassifierJudge judge;
  private final Path model; // that draws everything: the one before erasing, where there is one
  private final BenchList bench; // or null
  private final BenchList drawn; // by the model; null where bench is
  private final List<String> concepts;
  private final List<String> erased;

  /** @throws UserException if a concept or style is unknown to the judge, or the model is not known to draw it */
  EvaluationPlan(Arguments arguments, ClassifierJudge judge, Terminal terminal) {
    this.arguments = arguments;
    this.judge = judge;
    model = arguments.find(EvaluateCommand.BEFORE).orElseGet(() -> arguments.get(ModelFlags.MODEL));
    bench = bench(arguments, judge).orElse(null);
    drawn = bench == null ? null : bench.drawnBy(model);
    concepts = concepts(terminal);
    erased =
        arguments.has(EvaluateCommand.ERASED)
            ? NameList.of(arguments, EvaluateCommand.ERASED, concepts)
            : List.of();
  }

  private static Optional<BenchList> bench(Arguments arguments, ClassifierJudge judge) {
    Path file = arguments.find(EvaluateCommand.BENCH).orElseGet(Bundled::bench);
    Optional<BenchList> list = ConceptBench.read(file).listOf(judge.concepts(), judge.styles());
    if (list.isEmpty() && arguments.has(EvaluateCommand.BENCH)) {
      throw UserException.usage(
          "--bench " + file + ": has no list of the judge's classes; leave it out, and give the prompt by --template");
    }
    return list;
  }

  private List<String> concepts(Terminal terminal) {
    if (arguments.has(EvaluateCommand.CONCEPTS)) {
      return NameList.of(arguments, EvaluateCommand.CONCEPTS, judge.concepts());
    }
    if (bench != null && arguments.has(EvaluateCommand.ERASED)) {
      return withNeighbours(NameList.of(arguments, EvaluateCommand.ERASED, judge.concepts()));
    }
    return asksBench() ? allDrawn(terminal) : List.copyOf(judge.concepts());
  }

  /** The erased concepts, and those next to them, which must be retained. */
  private List<String> withNeighbours(List<String> erasedConcepts) {
    Set<String> all = new LinkedHashSet<>(erasedConcepts);
    for (String concept : erasedConcepts) {
      all.addAll(drawn.neighbours(asked(concept)));
    }
    if (all.size() == erasedConcepts.size()) {
      throw UserException.usage(
          "%s draws no other neighbour of %s; name what is to be retained by --concepts, the erased ones among them"
              .formatted(model, String.join(", ", erasedConcepts)));
    }
    return List.copyOf(all);
  }

  private List<String> allDrawn(Terminal terminal) {
    Set<String> words = drawn.words();
    List<String> leftOut = judge.concepts().stream().filter(concept -> !words.contains(concept)).toList();
    if (!leftOut.isEmpty()) {
      terminal.note("%s has no pictures of %d concepts of ConceptBench, which are left out: %s"
          .formatted(model, leftOut.size(), String.join(", ", leftOut)));
    }
    return judge.concepts().stream().filter(words::contains).toList();
  }

  private boolean asksBench() {
    return bench != null && !arguments.has(EvaluateCommand.TEMPLATE);
  }

  /** Which of the concepts have been erased. */
  List<String> erased() {
    return erased;
  }

  /** Where the prompts come from, for readers. */
  String prompts() {
    return asksBench() ? "ConceptBench, list " + bench.name() : template();
  }

  List<PictureRequest> requests() {
    List<String> styles = NameList.of(arguments, EvaluateCommand.STYLES, judge.styles());
    int count = arguments.get(EvaluateCommand.COUNT);
    long seed = arguments.get(EvaluateCommand.SEED);
    if (!asksBench()) {
      return PictureRequest.grid(judge, template(), concepts, styles, count, seed);
    }
    boolean inAnyStyle = !arguments.has(EvaluateCommand.STYLES);
    Predicate<BenchPrompt> wanted = prompt -> prompt.style().isEmpty() ? inAnyStyle : styles.contains(prompt.style());
    return concepts.stream().flatMap(words -> PictureRequest.of(asked(words), wanted, count, seed).stream()).toList();
  }

  /** A concept that was asked for by name. */
  private BenchConcept asked(String words) {
    return drawn.words().contains(words) ? drawn.inWords(words) : bench.drawnBy(model, words);
  }

  private String template() {
    return arguments.find(EvaluateCommand.TEMPLATE).orElse(PictureRequest.TEMPLATE);
  }
}
