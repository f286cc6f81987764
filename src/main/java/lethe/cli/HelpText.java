package lethe.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The help, laid out for 100 columns. */
final class HelpText {
  private static final int WIDTH = 100;
  private static final int MAX_LEFT_COLUMN = 30;

  private HelpText() {}

  /** {@code lethe --help}. */
  static String overview(Commands commands) {
    StringBuilder text = new StringBuilder();
    text.append("Usage: lethe COMMAND [OPTIONS]\n\n");
    text.append("Makes text-to-image diffusion models forget.\n\nCommands:\n");
    List<String[]> rows = new ArrayList<>();
    commands.entries().forEach(entry -> rows.add(new String[] {entry.name(), entry.summary()}));
    rows.add(new String[] {"help COMMAND", "print a command's help, as COMMAND --help does"});
    appendRows(text, rows);
    text.append("\nOptions:\n");
    rows.clear();
    rows.add(new String[] {"--help", "print this help"});
    rows.add(new String[] {"--version", "print the version"});
    appendRows(text, rows);
    text.append("\nExit status: 0 done, 1 failed, 2 wrong usage, 3 threshold missed, 130 interrupted.");
    return text.toString();
  }

  /** {@code lethe COMMAND --help}. */
  static String of(Commands.Entry command, Syntax syntax) {
    StringBuilder text = new StringBuilder("Usage: lethe ").append(command.name());
    syntax.operands().forEach(operand -> text.append(' ').append(operand.usage()));
    syntax.flags().stream().filter(Flag::required).forEach(flag -> text.append(' ').append(left(flag)));
    text.append(" [OPTIONS]");
    if (syntax.rest() != null) {
      text.append(" -- ").append(syntax.rest().name()).append(" ...");
    }
    text.append("\n\n").append(command.summary()).append('\n');
    List<Syntax.Operand> operands = new ArrayList<>(syntax.operands());
    if (syntax.rest() != null) {
      operands.add(syntax.rest());
    }
    if (!operands.isEmpty()) {
      text.append("\nArguments:\n");
      appendRows(text, operands.stream().map(o -> new String[] {o.name(), o.description()}).toList());
    }
    for (Map.Entry<String, List<Flag<?>>> group : syntax.groups().entrySet()) {
      text.append('\n').append(group.getKey()).append(":\n");
      appendRows(text, group.getValue().stream().map(f -> new String[] {left(f), right(f)}).toList());
    }
    return text.append("\nExample:\n  ").append(syntax.example()).toString();
  }

  private static String left(Flag<?> flag) {
    return flag.isSwitch() ? "--" + flag.name() : "--" + flag.name() + " " + flag.argument();
  }

  private static String right(Flag<?> flag) {
    List<String> remarks = new ArrayList<>();
    if (flag.required()) {
      remarks.add("required");
    }
    if (flag.repeatable()) {
      remarks.add("repeatable");
    }
    if (flag.fallbackText() != null) {
      remarks.add("default: " + flag.fallbackText());
    }
    return remarks.isEmpty() ? flag.description() : flag.description() + remarks.stream()
        .collect(Collectors.joining(", ", " (", ")"));
  }

  /** Two columns; a left cell that is too long has its right cell below it. */
  private static void appendRows(StringBuilder text, List<String[]> rows) {
    int left = rows.stream().mapToInt(row -> row[0].length()).filter(n -> n <= MAX_LEFT_COLUMN).max().orElse(0);
    String indent = " ".repeat(left + 4);
    for (String[] row : rows) {
      text.append("  ").append(row[0]);
      text.append(row[0].length() > left ? "\n" + indent : " ".repeat(left + 2 - row[0].length()));
      text.append(String.join("\n" + indent, wrap(row[1], WIDTH - indent.length()))).append('\n');
    }
  }

  private static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
