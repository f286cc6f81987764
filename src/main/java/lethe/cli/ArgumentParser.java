package lethe.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.error.UserException;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingArgumentException;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.apache.commons.cli.UnrecognizedOptionException;

/** Reads a command line by its {@link Syntax}; every deviation is a {@link UserException} with exit code 2. */
final class ArgumentParser {
  private final Syntax syntax;
  private final Map<String, Flag<?>> flags = new LinkedHashMap<>();

  ArgumentParser(Syntax syntax) {
    this.syntax = syntax;
    for (Flag<?> flag : syntax.flags()) {
      if (flags.put(flag.name(), flag) != null) {
        throw new IllegalArgumentException("--" + flag.name() + " is declared twice");
      }
    }
  }

  Arguments parse(List<String> words) {
    int end = syntax.rest() == null ? -1 : words.indexOf("--");
    CommandLine line = split(end < 0 ? words : words.subList(0, end));
    List<String> rest = end < 0 ? List.of() : words.subList(end + 1, words.size());
    Map<Flag<?>, List<?>> given = new LinkedHashMap<>();
    for (Flag<?> flag : flags.values()) {
      List<?> values = values(flag, line);
      if (!values.isEmpty()) {
        given.put(flag, values);
      } else if (flag.required()) {
        throw UserException.usage("--" + flag.name() + " " + flag.argument() + " is missing: " + flag.description());
      }
    }
    List<String> operands = new ArrayList<>(operands(line.getArgList()));
    operands.addAll(rest);
    return new Arguments(syntax, operands, given);
  }

  private CommandLine split(List<String> words) {
    Options options = new Options();
    flags.values().forEach(flag -> options.addOption(flag.toOption()));
    // Prompts keep their quotes, and an abbreviation never picks an option by chance.
    DefaultParser parser =
        DefaultParser.builder().setAllowPartialMatching(false).setStripLeadingAndTrailingQuotes(false).get();
    try {
      return parser.parse(options, words.toArray(String[]::new));
    } catch (UnrecognizedOptionException e) {
      throw unknown(e.getOption());
    } catch (MissingArgumentException e) {
      Flag<?> flag = flags.get(e.getOption().getLongOpt());
      throw UserException.usage("--" + flag.name() + " needs a value: " + flag.expected());
    } catch (ParseException e) {
      throw UserException.usage(e.getMessage());
    }
  }

  private UserException unknown(String word) {
    String name = word.replaceFirst("^-+", "").replaceFirst("=.*", "");
    if (flags.containsKey(name)) {
      return UserException.usage("--" + name + " takes no value");
    }
    List<String> names = flags.keySet().stream().map(known -> "--" + known).toList();
    return UserException.usage("unknown option " + word + Nearest.hint("--" + name, names));
  }

  private static <T> List<?> values(Flag<T> flag, CommandLine line) {
    List<Object> values = new ArrayList<>();
    for (Option option : line.getOptions()) {
      if (option.getLongOpt().equals(flag.name())) {
        values.add(flag.isSwitch() ? Boolean.TRUE : flag.parse(option.getValue()));
      }
    }
    if (values.size() > 1 && !flag.repeatable()) {
      throw UserException.usage("--" + flag.name() + " is given " + values.size() + " times; give it once");
    }
    return values;
  }

  private List<String> operands(List<String> words) {
    List<Syntax.Operand> expected = syntax.operands();
    if (words.size() < expected.size() && !expected.get(words.size()).optional()) {
      Syntax.Operand missing = expected.get(words.size());
      throw UserException.usage(missing.name() + " is missing: " + missing.description());
    }
    if (words.size() > expected.size()) {
      throw UserException.usage("unexpected argument '" + words.get(expected.size()) + "'");
    }
    return List.copyOf(words);
  }
}
