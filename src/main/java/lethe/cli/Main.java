package lethe.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import lethe.error.UserException;

/** The command line: finds the command, runs it, and turns whatever it throws into one line and an exit code. */
public final class Main {
  private static final Set<String> HELP = Set.of("--help", "-h");

  private final Commands commands;
  private final Terminal terminal;

  Main(Commands commands, Terminal terminal) {
    this.commands = commands;
    this.terminal = terminal;
  }

  public static void main(String[] args) {
    Interrupt.haltOnSignals();
    System.exit(new Main(Commands.ALL, Terminal.system()).run(args));
  }

  /** Never throws; the result is an {@link ExitCode}. */
  int run(String... args) {
    List<String> words = Arrays.asList(args);
    try {
      return dispatch(words);
    } catch (Throwable error) {
      Failure failure = Failure.of(error);
      terminal.error(failure.message());
      if (words.contains("--" + Syntax.DEBUG.name())) {
        terminal.stackTrace(error);
      }
      return failure.exitCode();
    }
  }

  private int dispatch(List<String> words) throws Exception {
    if (words.isEmpty()) {
      terminal.error("no command given");
      terminal.note(HelpText.overview(commands));
      return ExitCode.USAGE;
    }
    String first = words.get(0);
    if (HELP.contains(first)) {
      return print(HelpText.overview(commands));
    }
    if (first.equals("--version")) {
      return print("lethe " + Version.get());
    }
    if (first.equals("help")) {
      return help(words.subList(1, words.size()));
    }
    Commands.Entry entry = find(words);
    List<String> rest = words.subList(entry.words(), words.size());
    Command command = entry.factory().get();
    if (rest.stream().takeWhile(word -> !word.equals("--")).anyMatch(HELP::contains)) {
      return print(HelpText.of(entry, command.syntax()));
    }
    Arguments arguments = parse(entry, command, rest);
    return command.run(arguments, arguments.get(Syntax.QUIET) ? terminal.silenced() : terminal);
  }

  private int help(List<String> words) {
    if (words.isEmpty()) {
      return print(HelpText.overview(commands));
    }
    Commands.Entry entry = find(words);
    return print(HelpText.of(entry, entry.factory().get().syntax()));
  }

  private static Arguments parse(Commands.Entry entry, Command command, List<String> words) {
    try {
      return new ArgumentParser(command.syntax()).parse(words);
    } catch (UserException e) {
      throw UserException.usage(e.getMessage() + " (see lethe " + entry.name() + " --help)");
    }
  }

  private Commands.Entry find(List<String> words) {
    Commands.Entry entry = commands.find(words);
    if (entry != null) {
      return entry;
    }
    String first = words.get(0);
    if (first.startsWith("-")) {
      throw UserException.usage("unknown option " + first + "; options stand behind the command (see lethe --help)");
    }
    List<String> family = commands.family(first);
    if (family.isEmpty()) {
      throw UserException.usage("unknown command '" + first + "'" + commands.hint(words) + " (see lethe --help)");
    }
    boolean incomplete = words.size() == 1 || words.get(1).startsWith("-");
    String unknown = incomplete ? "" : ", not " + words.get(1);
    throw UserException.usage(first + " takes one of: " + String.join(", ", family) + unknown);
  }

  private int print(String text) {
    terminal.print(text);
    return ExitCode.OK;
  }
}
