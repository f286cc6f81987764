package lethe.evaluate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import lethe.error.UserException;
import lethe.json.JsonObject;

/**
 * Lists of concepts to forget, with prompts, pictures and neighbours: {@code models/conceptbench.json}. A benchmark of
 * Lethe's own, not a published one.
 */
public record ConceptBench(List<BenchList> lists) {
  private static final int VERSION = 1;
  private static final String MEND = "correct the file, or name another";

  /**
   * Reads and checks a file of lists: every neighbour must be in its concept's list. Whether a model draws a concept is
   * asked by {@link BenchList#drawnBy}.
   *
   * @throws UserException if the file is missing, or anything in it is unknown, lacking or contradictory
   */
  public static ConceptBench read(Path file) {
    JsonObject json = JsonObject.read(file, MEND).only("name", "version", "about", "lists");
    if (!json.text("name").equals("ConceptBench")) {
      throw json.wrong("name", "is not ConceptBench");
    }
    if (json.integer("version") != VERSION) {
      throw json.wrong("version", "is not " + VERSION);
    }
    json.text("about");
    List<BenchList> lists = new ArrayList<>();
    Set<String> names = new TreeSet<>();
    for (JsonObject list : json.objects("lists")) {
      lists.add(new BenchListReader(list).read());
      if (!names.add(list.text("name"))) {
        throw list.wrong("name", "'%s' comes twice".formatted(list.text("name")));
      }
    }
    return new ConceptBench(List.copyOf(lists));
  }

  /** The list of just these concepts, as prompts write them, and of just these styles. */
  public Optional<BenchList> listOf(Set<String> concepts, Set<String> styles) {
    return lists.stream().filter(list -> list.words().equals(concepts) && list.styles().equals(styles)).findFirst();
  }

  /**
   * The concept that prompts write so, of the first list that has it and whose pictures of it the model's folder holds. A
   * concept without pictures is any model's.
   *
   * @param model a checkpoint
   */
  public Optional<BenchConcept> inWords(String wanted, Path model) {
    return lists.stream()
        .flatMap(list -> list.concepts().stream())
        .filter(concept -> concept.words().equalsIgnoreCase(wanted))
        .filter(concept -> concept.references().stream().allMatch(picture -> Files.isRegularFile(model.resolve(picture))))
        .findFirst();
  }

  /**
   * The list of this name.
   *
   * @throws UserException if there is none
   */
  public BenchList list(String name) {
    return lists.stream()
        .filter(list -> list.name().equals(name))
        .findFirst()
        .orElseThrow(() -> UserException.failed("ConceptBench has no list '%s'; it has %s"
            .formatted(name, String.join(", ", lists.stream().map(BenchList::name).toList()))));
  }
}
