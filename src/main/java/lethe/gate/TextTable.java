package lethe.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Columns that line up. */
final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();
  private final Set<Integer> rightAligned;

  TextTable(List<String> headings, Set<Integer> rightAligned) {
    rows.add(headings);
    this.rightAligned = rightAligned;
  }

  void add(List<String> cells) {
    rows.add(cells);
  }

  /** One line for each row. */
  List<String> lines() {
    int[] widths = IntStream.range(0, rows.get(0).size())
        .map(column -> rows.stream().mapToInt(cells -> cells.get(column).length()).max().orElse(0))
        .toArray();
    return rows.stream().map(cells -> line(cells, widths)).toList();
  }

  private String line(List<String> cells, int[] widths) {
    return IntStream.range(0, widths.length)
        .mapToObj(column -> pad(cells.get(column), widths[column], rightAligned.contains(column)))
        .collect(Collectors.joining("  "))
        .stripTrailing();
  }

  private static String pad(String text, int width, boolean right) {
    String blanks = " ".repeat(width - text.length());
    return right ? blanks + text : text + blanks;
  }

  /** Four significant digits. */
  static String score(double score, String unit) {
    int decimals = Math.max(0, 3 - (int) Math.floor(Math.log10(score)));
    return String.format(Locale.ROOT, "%." + decimals + "f %s", score, unit);
  }
}
