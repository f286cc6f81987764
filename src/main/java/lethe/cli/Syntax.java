package lethe.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What may stand behind a command's name: its operands and options, in the order in which the help shows them. */
final class Syntax {
  static final Flag<Boolean> HELP = Flag.toggle("help", "print this help");
  static final Flag<Boolean> QUIET = Flag.toggle("quiet", "no progress and no notes on stderr");
  static final Flag<Boolean> DEBUG = Flag.toggle("debug", "print the stack trace of an error");

  /** For commands that print data. */
  static final Flag<Boolean> JSON = Flag.toggle("json", "print JSON on stdout");

  private static final List<Flag<?>> COMMON = List.of(QUIET, DEBUG, HELP);

  /**
   * A word without dashes: {@code PATH}.
   *
   * @param optional whether the command does without it; those that are come last
   */
  record Operand(String name, String description, boolean optional) {
    /** As the usage line shows it. */
    String usage() {
      return optional ? "[" + name + "]" : name;
    }
  }

  private final List<Operand> operands = new ArrayList<>();
  private final Map<String, List<Flag<?>>> groups = new LinkedHashMap<>();
  private Operand rest;
  private String example = "";

  Syntax operand(String name, String description) {
    operands.add(new Operand(name, description, false));
    return this;
  }

  Syntax optionalOperand(String name, String description) {
    operands.add(new Operand(name, description, true));
    return this;
  }

  /** Any number of words behind {@code --}, which are not read: those of another command. */
  Syntax rest(String name, String description) {
    rest = new Operand(name, description, true);
    return this;
  }

  /** A group of options under a heading of its own. */
  Syntax flags(String heading, Flag<?>... flags) {
    groups.computeIfAbsent(heading, key -> new ArrayList<>()).addAll(Arrays.asList(flags));
    return this;
  }

  /** A command line that works when it is pasted. */
  Syntax example(String line) {
    example = line;
    return this;
  }

  List<Operand> operands() {
    return List.copyOf(operands);
  }

  /** What stands behind {@code --}, or null if nothing may. */
  Operand rest() {
    return rest;
  }

  /** Headings and their options; the options that every command has come last. */
  Map<String, List<Flag<?>>> groups() {
    Map<String, List<Flag<?>>> all = new LinkedHashMap<>(groups);
    all.put("Common", COMMON);
    return all;
  }

  List<Flag<?>> flags() {
    return groups().values().stream().<Flag<?>>flatMap(List::stream).toList();
  }

  /** The options that bear on the result: all but those that every command has. */
  List<Flag<?>> settings() {
    return flags().stream().filter(flag -> !COMMON.contains(flag)).toList();
  }

  String example() {
    return example;
  }
}
