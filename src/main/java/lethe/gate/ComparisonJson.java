package lethe.gate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A comparison for programs. */
public final class ComparisonJson {
  private ComparisonJson() {}

  /** Maps, lists, texts and numbers, ready for a JSON writer. */
  public static Map<String, Object> of(Comparison comparison) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("sides", List.of(comparison.base(), comparison.candidate()));
    all.put("smallest_effect", comparison.gate().smallestEffect());
    all.put("alpha", comparison.gate().alpha());
    all.put("correction", "holm");
    all.put("paired", comparison.paired());
    all.put("regression", comparison.hasRegression());
    all.put("warnings", comparison.warnings());
    all.put("rows", comparison.rows().stream().map(ComparisonJson::row).toList());
    all.put("not_compared", comparison.missing().stream().map(ComparisonJson::missing).toList());
    return all;
  }

  private static Map<String, Object> row(Comparison.Row row) {
    Map<String, Object> facts = key(row.key());
    facts.put("unit", row.unit());
    facts.put("base", row.base());
    facts.put("new", row.candidate());
    facts.put("ratio", row.ratio());
    facts.put("interval", List.of(row.low(), row.high()));
    facts.put("forks", row.forks());
    facts.put("verdict", row.verdict().name().toLowerCase(Locale.ROOT));
    return facts;
  }

  private static Map<String, Object> missing(Comparison.Missing missing) {
    Map<String, Object> facts = key(missing.key());
    facts.put("reason", missing.reason());
    return facts;
  }

  private static Map<String, Object> key(BenchmarkKey key) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("benchmark", key.name());
    facts.put("mode", key.mode());
    facts.put("params", key.params());
    return facts;
  }
}
