package lethe.gate;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The results of one run as people read them. */
public final class ResultText {
  private ResultText() {}

  /** A line for each benchmark: its typical score, and how far its iterations lie apart. */
  public static String of(ResultFile file) {
    TextTable table = new TextTable(List.of("benchmark", "score", "from", "to", "forks"), Set.of(1, 2, 3, 4));
    file.measurements().values().forEach(measurement -> table.add(cells(measurement)));
    return String.join("\n", table.lines());
  }

  private static List<String> cells(Measurement measurement) {
    double[] scores = measurement.logSeconds().stream()
        .flatMapToDouble(Arrays::stream)
        .map(measurement.unit()::score)
        .sorted()
        .toArray();
    String unit = measurement.unit().text();
    return List.of(
        measurement.key().toString(),
        TextTable.score(measurement.score(), unit),
        TextTable.score(scores[0], unit),
        TextTable.score(scores[scores.length - 1], unit),
        String.format(Locale.ROOT, "%d", measurement.forks()));
  }
}
