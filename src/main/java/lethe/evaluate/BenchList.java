package lethe.evaluate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import lethe.dataset.ConceptGroup;
import lethe.error.UserException;

/**
 * Concepts that belong together, because one model knows them all.
 *
 * @param about what the list is and where it comes from
 */
public record BenchList(String name, String about, List<BenchConcept> concepts) {
  public BenchList {
    concepts = List.copyOf(concepts);
  }

  /**
   * The concept of this name.
   *
   * @throws UserException if there is none
   */
  public BenchConcept concept(String wanted) {
    return first(concept -> concept.name().equals(wanted), wanted, BenchConcept::name);
  }

  /**
   * The concept that prompts write so.
   *
   * @throws UserException if there is none
   */
  public BenchConcept inWords(String wanted) {
    return first(concept -> concept.words().equals(wanted), wanted, BenchConcept::words);
  }

  private BenchConcept first(
      Predicate<BenchConcept> isWanted, String wanted, Function<BenchConcept, String> called) {
    return concepts.stream()
        .filter(isWanted)
        .findFirst()
        .orElseThrow(() -> UserException.failed("ConceptBench's list %s has no concept '%s'; it has %s"
            .formatted(name, wanted, String.join(", ", concepts.stream().map(called).toList()))));
  }

  /** Its objects and characters, and what else is no style, as prompts write them. */
  public Set<String> words() {
    return concepts.stream().filter(concept -> !isStyle(concept)).map(BenchConcept::words).collect(Collectors.toSet());
  }

  /** Names of its styles. */
  public Set<String> styles() {
    return concepts.stream().filter(BenchList::isStyle).map(BenchConcept::name).collect(Collectors.toSet());
  }

  /** What stands next to a concept of this list, as prompts write it. */
  public List<String> neighbours(BenchConcept concept) {
    return concept.neighbours().stream().map(neighbour -> concept(neighbour).words()).toList();
  }

  /**
   * The part of the list that a model draws: the concepts all of whose pictures its folder holds, and of their
   * neighbours, prompts and pictures those that name no other. A style needs one of its pictures only. A folder without
   * any of the pictures does not say what the model draws; then that is the whole list.
   *
   * @param model a checkpoint
   */
  public BenchList drawnBy(Path model) {
    boolean says =
        concepts.stream()
            .flatMap(concept -> concept.references().stream())
            .anyMatch(picture -> Files.isRegularFile(model.resolve(picture)));
    if (!says) {
      return this;
    }
    Set<String> drawn =
        concepts.stream()
            .filter(concept -> isDrawnBy(model, concept))
            .map(BenchConcept::name)
            .collect(Collectors.toSet());
    return new BenchList(
        name,
        about,
        concepts.stream()
            .filter(concept -> drawn.contains(concept.name()))
            .map(concept -> without(concept, drawn, model))
            .toList());
  }

  /**
   * The concept that prompts write so, asked for by name.
   *
   * @param model a checkpoint that is to draw it
   * @throws UserException if there is none, or the model does not draw it
   */
  public BenchConcept drawnBy(Path model, String wanted) {
    BenchConcept concept = inWords(wanted);
    BenchList drawn = drawnBy(model);
    if (drawn.concepts().stream().noneMatch(one -> one.name().equals(concept.name()))) {
      throw UserException.failed("%s: lacks %s, so it is not known to draw '%s'; ask for one of %s".formatted(
          model, lacking(model, concept), wanted, String.join(", ", drawn.words().stream().sorted().toList())));
    }
    return drawn.concept(concept.name());
  }

  private static Path lacking(Path model, BenchConcept concept) {
    return concept.references().stream()
        .filter(picture -> !Files.isRegularFile(model.resolve(picture)))
        .findFirst()
        .orElseThrow();
  }

  private static boolean isDrawnBy(Path model, BenchConcept concept) {
    Predicate<Path> isThere = picture -> Files.isRegularFile(model.resolve(picture));
    return isStyle(concept)
        ? concept.references().stream().anyMatch(isThere)
        : concept.references().stream().allMatch(isThere);
  }

  private static BenchConcept without(BenchConcept concept, Set<String> drawn, Path model) {
    return new BenchConcept(
        concept.name(),
        concept.words(),
        concept.group(),
        concept.prompts().stream()
            .filter(prompt -> prompt.concept().isEmpty() || drawn.contains(prompt.concept()))
            .toList(),
        concept.references().stream().filter(picture -> Files.isRegularFile(model.resolve(picture))).toList(),
        concept.neighbours().stream().filter(drawn::contains).toList(),
        concept.published());
  }

  private static boolean isStyle(BenchConcept concept) {
    return concept.group() == ConceptGroup.STYLE;
  }
}
