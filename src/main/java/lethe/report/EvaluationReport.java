package lethe.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import lethe.attack.prompt.SuccessRate;
import lethe.evaluate.Accuracy;
import lethe.evaluate.JudgedPicture;

/** How well a model draws what it is asked for, as tables for people and as data. */
public final class EvaluationReport {
  private final Accuracy accuracy;

  public EvaluationReport(Accuracy accuracy) {
    this.accuracy = accuracy;
  }

  /** Both accuracies over all pictures. */
  public String summary() {
    return "concept  " + Rates.line(accuracy.concept()) + "\nstyle    " + Rates.line(accuracy.style());
  }

  /** A line for each concept, with what was seen in its place, and one for each style. */
  public String table() {
    List<String> lines = new ArrayList<>();
    accuracy
        .byConcept()
        .forEach((concept, rate) -> lines.add(line(concept, rate) + mistaken(accuracy.mistakenFor(concept))));
    lines.add("");
    accuracy.byStyle().forEach((style, rate) -> lines.add(line(style, rate)));
    return String.join("\n", lines);
  }

  /**
   * A line for each concept or style with its rates in the pictures of two models, the erased ones first, and lines for
   * all of either kind.
   *
   * @param before the same requests drawn by the model before erasing
   * @param erased concepts and styles
   * @param retained concepts and styles
   */
  public String comparison(Accuracy before, List<String> erased, List<String> retained) {
    List<String> lines = new ArrayList<>();
    lines.add("%-22s %-12s %s".formatted("", "before", "after"));
    erased.forEach(name -> lines.add(line(name + " (erased)", before.of(name), accuracy.of(name))));
    retained.forEach(name -> lines.add(line(name, before.of(name), accuracy.of(name))));
    lines.add("");
    lines.add("erased    before  " + Rates.line(before.of(erased)));
    lines.add("          after   " + Rates.line(accuracy.of(erased)));
    lines.add("retained  before  " + Rates.line(before.of(retained)));
    lines.add("          after   " + Rates.line(accuracy.of(retained)));
    return String.join("\n", lines);
  }

  /** Those lines for all of either kind, to be written as JSON. */
  public Map<String, Object> comparisonData(Accuracy before, List<String> erased, List<String> retained) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("erased", change(before, erased));
    data.put("retained", change(before, retained));
    return data;
  }

  private Map<String, Object> change(Accuracy before, List<String> names) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("names", names);
    data.put("before", Rates.data(before.of(names), "pictures"));
    data.put("after", Rates.data(accuracy.of(names), "pictures"));
    return data;
  }

  private static String line(String head, SuccessRate rate) {
    return "%-22s %s".formatted(head, Rates.line(rate));
  }

  private static String line(String head, SuccessRate before, SuccessRate after) {
    return "%-22s %-12s %s".formatted(head, count(before), count(after));
  }

  private static String count(SuccessRate rate) {
    return rate.successes() + " of " + rate.prompts();
  }

  private static String mistaken(Map<String, Integer> seen) {
    return seen.isEmpty()
        ? ""
        : seen.entrySet().stream()
            .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", ", "  seen instead: ", ""));
  }

  /** The same and more, to be written as JSON: every picture with its prompt, seed and judgement. */
  public Map<String, Object> data() {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("concept", Rates.data(accuracy.concept(), "pictures"));
    data.put("style", Rates.data(accuracy.style(), "pictures"));
    data.put("by_concept", data(accuracy.byConcept()));
    data.put("by_style", data(accuracy.byStyle()));
    data.put("pictures", accuracy.pictures().stream().map(EvaluationReport::data).toList());
    return data;
  }

  private static Map<String, Object> data(Map<String, SuccessRate> rates) {
    Map<String, Object> data = new LinkedHashMap<>();
    rates.forEach((name, rate) -> data.put(name, Rates.data(rate, "pictures")));
    return data;
  }

  private static Map<String, Object> data(JudgedPicture picture) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("prompt", picture.request().prompt());
    data.put("seed", picture.request().seed());
    data.put("concept", picture.request().concept());
    data.put("style", picture.request().style());
    data.put("seen_concept", picture.judgement().concept());
    data.put("concept_score", picture.judgement().conceptScore());
    data.put("seen_style", picture.judgement().style());
    data.put("style_score", picture.judgement().styleScore());
    return data;
  }
}
