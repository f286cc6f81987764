package lethe.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lethe.error.UserException;
import lethe.evaluate.Bundled;
import lethe.evaluate.ClassifierJudge;
import lethe.evaluate.ConceptBench;
import lethe.image.ImageFolder;

/** What {@code lethe demo} erases and what it draws besides: concepts of which it has pictures and its judge knows. */
final class DemoPlan {
  /** Objects of other kinds than most; the first ones that are not drawn anyway are drawn beside the neighbours. */
  private static final List<String> OTHERS = List.of("penguin", "fish", "red apple");

  private static final int OTHERS_DRAWN = 2;

  private final Path references;
  private final ClassifierJudge judge;
  private final String concept;
  private final List<String> retained;
  private final List<String> styles;

  /**
   * @param references a folder of pictures per concept, each named by its style
   * @throws UserException if a concept cannot be drawn and judged, or is both erased and retained
   */
  DemoPlan(Arguments arguments, Path references, ClassifierJudge judge) {
    this.references = references;
    this.judge = judge;
    concept = known(DemoCommand.CONCEPT, arguments.get(DemoCommand.CONCEPT));
    retained =
        arguments.has(DemoCommand.RETAIN) ? named(arguments.all(DemoCommand.RETAIN)) : neighboursAndOthers();
    styles = styles(images());
  }

  String concept() {
    return concept;
  }

  List<String> retained() {
    return retained;
  }

  /** In which the concept is pictured, in the judge's order. */
  List<String> styles() {
    return styles;
  }

  /** The folder of the concept's pictures. */
  Path images() {
    return pictures(concept);
  }

  private List<String> named(List<String> names) {
    List<String> known = names.stream().map(name -> known(DemoCommand.RETAIN, name)).distinct().toList();
    if (known.contains(concept)) {
      throw UserException.usage("'" + concept + "' cannot be both erased and retained; take it out of --retain");
    }
    return known;
  }

  /** Those likeliest to be lost with the concept, and some that should not mind. */
  private List<String> neighboursAndOthers() {
    List<String> neighbours =
        ConceptBench.read(Bundled.bench())
            .listOf(judge.concepts(), judge.styles())
            .map(list -> list.neighbours(list.inWords(concept)))
            .orElse(List.of())
            .stream()
            .filter(this::isPictured)
            .toList();
    if (neighbours.isEmpty()) {
      throw UserException.usage(
          "ConceptBench names no neighbour of '" + concept + "' that the model draws; name some by --retain NAME");
    }
    Stream<String> others =
        OTHERS.stream()
            .filter(name -> !name.equals(concept) && !neighbours.contains(name) && isPictured(name))
            .limit(OTHERS_DRAWN);
    return Stream.concat(neighbours.stream(), others).toList();
  }

  private String known(Flag<String> flag, String name) {
    String wanted = name.strip().toLowerCase(Locale.ROOT);
    String where = "--" + flag.name() + ": '" + wanted + "' ";
    if (judge.styles().contains(wanted)) {
      throw UserException.usage(
          where + "is a style; name an object or a character ('lethe erase ... --type style' erases styles)");
    }
    if (!judge.concepts().contains(wanted)) {
      throw UserException.usage(where + "is unknown to the judge" + Nearest.hint(wanted, judge.concepts()));
    }
    if (!isPictured(wanted)) {
      throw UserException.usage(
          where + "has no folder of pictures, " + pictures(wanted) + ", so the model is not known to draw it; name"
              + " another");
    }
    return wanted;
  }

  private boolean isPictured(String name) {
    return Files.isDirectory(pictures(name));
  }

  private Path pictures(String name) {
    return references.resolve(name.replace(' ', '-'));
  }

  private List<String> styles(Path images) {
    Set<String> pictured =
        ImageFolder.list(images).stream()
            .map(image -> image.getFileName().toString().replaceFirst("\\.[^.]*$", ""))
            .collect(Collectors.toSet());
    List<String> known = judge.styles().stream().filter(pictured::contains).toList();
    if (known.isEmpty()) {
      throw UserException.failed("%s: no picture is named after a style of the judge's; name them %s".formatted(
          images, judge.styles().stream().map(style -> style + ".png").collect(Collectors.joining(", "))));
    }
    return known;
  }
}
