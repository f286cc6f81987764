package lethe.cli;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import lethe.error.UserException;

/** Names that an option lists with commas between them. */
final class NameList {
  private NameList() {}

  /**
   * The names that {@code flag} lists, each once, in its order; all that are known where it is not given.
   *
   * @throws UserException if one is not known
   */
  static List<String> of(Arguments arguments, Flag<String> flag, Collection<String> known) {
    if (!arguments.has(flag)) {
      return List.copyOf(known);
    }
    List<String> names = Arrays.stream(arguments.get(flag).split(",")).map(String::strip).distinct().toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw UserException.usage(
            "--" + flag.name() + ": '" + name + "' is unknown"
                + Nearest.find(name, known)
                    .map(near -> "; did you mean " + near + "?")
                    .orElse("; expected some of " + String.join(", ", known)));
      }
    }
    return names;
  }
}
