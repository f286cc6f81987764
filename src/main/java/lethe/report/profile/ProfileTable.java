package lethe.report.profile;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A profile for people. */
public final class ProfileTable {
  private static final int MOST_ROWS = 20;

  /**
   * What the machine can do at best.
   *
   * @param gigaflopsPerSecond 0 if not known
   * @param gigabytesPerSecond 0 if not known
   */
  public record Ceilings(double gigaflopsPerSecond, double gigabytesPerSecond) {}

  private final Profile profile;
  private final Ceilings ceilings;

  public ProfileTable(Profile profile, Ceilings ceilings) {
    this.profile = profile;
    this.ceilings = ceilings;
  }

  /** Three tables and the peak memory, as lines. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    table(lines, "phase", profile.phases());
    table(lines, "module", profile.modules());
    table(lines, "kernel", profile.kernels());
    lines.add(
        String.format(
            Locale.ROOT,
            "recorded %.3f s; peak memory %.2f GB; shares are of the time recorded, and phases and modules contain"
                + " others",
            profile.nanos() / 1e9,
            profile.peakMemory() / 1e9));
    return lines;
  }

  private void table(List<String> lines, String title, Collection<Row> rows) {
    if (rows.isEmpty()) {
      return;
    }
    List<Row> shown = rows.stream().sorted(Comparator.comparingLong((Row row) -> -row.nanos)).limit(MOST_ROWS).toList();
    int width = Math.max(title.length(), shown.stream().mapToInt(row -> row.name.length()).max().orElse(0));
    lines.add(
        String.format(
            "%-" + width + "s %8s %11s %7s %11s %9s %8s%s",
            title,
            "calls",
            "ms",
            "share",
            "GFLOP",
            "GFLOP/s",
            "GB/s",
            hasCeiling() ? String.format(" %9s", "of peak") : ""));
    for (Row row : shown) {
      lines.add(line(row, width));
    }
    if (rows.size() > shown.size()) {
      lines.add("... and " + (rows.size() - shown.size()) + " more");
    }
    lines.add("");
  }

  private String line(Row row, int width) {
    boolean works = row.work.flops() > 0;
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "%-" + width + "s %8d %11.3f %6.1f%% %11s %9s %8s",
            row.name,
            row.calls,
            row.nanos / 1e6,
            100.0 * row.nanos / Math.max(1, profile.nanos()),
            works ? String.format(Locale.ROOT, "%.4g", row.work.flops() / 1e9) : "-",
            works ? String.format(Locale.ROOT, "%.1f", row.gigaflopsPerSecond()) : "-",
            works ? String.format(Locale.ROOT, "%.1f", row.gigabytesPerSecond()) : "-"));
    if (hasCeiling()) {
      line.append(String.format(Locale.ROOT, " %8.1f%%", 100 * fraction(row)));
    }
    return line.toString();
  }

  private boolean hasCeiling() {
    return ceilings.gigaflopsPerSecond() > 0 || ceilings.gigabytesPerSecond() > 0;
  }

  /** Of the ceiling that binds it: the larger of the two fractions. */
  private double fraction(Row row) {
    return Math.max(
        over(row.gigaflopsPerSecond(), ceilings.gigaflopsPerSecond()),
        over(row.gigabytesPerSecond(), ceilings.gigabytesPerSecond()));
  }

  private static double over(double achieved, double ceiling) {
    return ceiling > 0 ? achieved / ceiling : 0;
  }
}
