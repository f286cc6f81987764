package lethe.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** A comparison as people read it: a table for the terminal, or Markdown for a pull request. */
public final class ComparisonText {
  private ComparisonText() {}

  /** Columns that line up, what was not compared, and the outcome in one line. */
  public static String plain(Comparison comparison) {
    TextTable table = new TextTable(headings(comparison), Set.of(1, 2));
    comparison.rows().forEach(row -> table.add(cells(row)));
    List<String> lines = new ArrayList<>(table.lines());
    lines.add("");
    comparison.missing().forEach(missing -> lines.add("not compared: " + missing.key() + ": " + missing.reason()));
    lines.add(outcome(comparison));
    lines.add(method(comparison));
    return String.join("\n", lines);
  }

  /** The same for a pull request's comment. */
  public static String markdown(Comparison comparison) {
    List<String> lines = new ArrayList<>();
    lines.add("### Benchmarks: " + outcome(comparison));
    lines.add("");
    for (String warning : comparison.warnings()) {
      lines.add("> **Warning:** " + warning);
      lines.add("");
    }
    lines.add("| " + String.join(" | ", headings(comparison)) + " |");
    lines.add("|---|--:|--:|---|---|");
    for (Comparison.Row row : comparison.rows()) {
      boolean regression = row.verdict() == Verdict.SLOWER;
      List<String> cells = new ArrayList<>(cells(row));
      cells.set(cells.size() - 1, regression ? "**slower**" : row.verdict().toString());
      lines.add("| " + cells.stream().map(cell -> cell.replace("|", "\\|")).collect(Collectors.joining(" | ")) + " |");
    }
    lines.add("");
    if (!comparison.missing().isEmpty()) {
      lines.add("Not compared:");
      comparison.missing().forEach(missing -> lines.add("- " + missing.key() + ": " + missing.reason()));
      lines.add("");
    }
    lines.add(method(comparison));
    return String.join("\n", lines) + "\n";
  }

  /** {@code 2 slower, 1 faster, 9 the same, 4 unclear}. */
  static String outcome(Comparison comparison) {
    return "%d slower, %d faster, %d the same, %d unclear".formatted(
        comparison.count(Verdict.SLOWER),
        comparison.count(Verdict.FASTER),
        comparison.count(Verdict.SAME),
        comparison.count(Verdict.UNCLEAR));
  }

  private static List<String> headings(Comparison comparison) {
    return List.of("benchmark", comparison.base(), comparison.candidate(), "ratio [interval]", "verdict");
  }

  private static String method(Comparison comparison) {
    return String.format(
        Locale.ROOT,
        "ratio: time of %s / time of %s, %s; smallest effect %s%%; %s%% confidence over all rows (Holm)",
        comparison.candidate(),
        comparison.base(),
        comparison.paired() ? "paired by round" : "unpaired",
        number(100 * comparison.gate().smallestEffect()),
        number(100 * (1 - comparison.gate().alpha())));
  }

  private static List<String> cells(Comparison.Row row) {
    return List.of(
        row.key().toString(),
        TextTable.score(row.base(), row.unit()),
        TextTable.score(row.candidate(), row.unit()),
        String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", row.ratio(), row.low(), row.high()),
        row.verdict().toString());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value).replaceFirst("\\.?0+$", "");
  }
}
