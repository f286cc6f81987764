package lethe.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A command line after parsing: every value typed and in range. */
final class Arguments {
  private final Syntax syntax;
  private final List<String> operands;
  // Given options only. Every list holds values of its flag's type, as ArgumentParser put them there.
  private final Map<Flag<?>, List<?>> given;

  Arguments(Syntax syntax, List<String> operands, Map<Flag<?>, List<?>> given) {
    this.syntax = syntax;
    this.operands = operands;
    this.given = given;
  }

  /** The value given, or the default. The flag must have one of the two: be mandatory, or have a fallback. */
  <T> T get(Flag<T> flag) {
    return find(flag).orElseThrow(() -> new IllegalStateException("--" + flag.name() + " has no default"));
  }

  /** The value given, or the default, if there is either. */
  <T> Optional<T> find(Flag<T> flag) {
    List<T> values = all(flag);
    return values.isEmpty() ? Optional.empty() : Optional.of(values.get(values.size() - 1));
  }

  /** All values given, in their order; where none is given the default, if there is one. */
  @SuppressWarnings("unchecked")
  <T> List<T> all(Flag<T> flag) {
    if (has(flag)) {
      return (List<T>) given.get(flag);
    }
    return flag.fallback() == null ? List.of() : List.of(flag.fallback());
  }

  /** Whether the option stands on the command line. */
  boolean has(Flag<?> flag) {
    return given.containsKey(flag);
  }

  /** The operand at {@code index}; all that the syntax names are there, but for optional ones. */
  String operand(int index) {
    return operands.get(index);
  }

  /** The words behind {@code --}. */
  List<String> rest() {
    return operands.subList(syntax.operands().size(), operands.size());
  }

  /** How many operands are there. */
  int operandCount() {
    return operands.size();
  }

  /** Operands and options with their values, defaults included, in the help's order: for {@code run.json}. */
  Map<String, Object> resolved() {
    Map<String, Object> settings = new LinkedHashMap<>();
    for (int i = 0; i < syntax.operands().size(); i++) {
      settings.put(syntax.operands().get(i).name(), operands.get(i));
    }
    for (Flag<?> flag : syntax.settings()) {
      if (flag.repeatable()) {
        settings.put(flag.name(), all(flag).stream().map(Arguments::plain).toList());
      } else {
        settings.put(flag.name(), find(flag).map(Arguments::plain).orElse(null));
      }
    }
    return settings;
  }

  /** Numbers and truth values as they are, all else as the user writes it. */
  private static Object plain(Object value) {
    return value instanceof Number || value instanceof Boolean ? value : Flag.display(value);
  }
}
