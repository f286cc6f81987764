package lethe.evaluate;

import java.util.List;
import lethe.error.UserException;

/**
 * Concepts that belong together, because one model knows them all.
 *
 * @param about what the list is and where it comes from
 */
public record BenchList(String name, String about, List<BenchConcept> concepts) {
  /**
   * The concept of this name.
   *
   * @throws UserException if there is none
   */
  public BenchConcept concept(String wanted) {
    return concepts.stream()
        .filter(concept -> concept.name().equals(wanted))
        .findFirst()
        .orElseThrow(() -> UserException.failed("ConceptBench's list %s has no concept '%s'; it has %s"
            .formatted(name, wanted, String.join(", ", concepts.stream().map(BenchConcept::name).toList()))));
  }
}
