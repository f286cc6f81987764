package lethe.report.demo;

import lethe.attack.prompt.SuccessRate;

/** What the judge sees, counted. */
final class FiguresSection {
  private final DemoFindings findings;

  FiguresSection(DemoFindings findings) {
    this.findings = findings;
  }

  /** Heads of the models' columns. */
  static String heads(DemoFindings findings) {
    StringBuilder html = new StringBuilder();
    findings.models().forEach(
        model -> html.append("<th scope=\"col\">").append(Html.escape(model.name())).append("</th>"));
    return html.toString();
  }

  String rows() {
    StringBuilder html = new StringBuilder();
    html.append(row("erased", findings.concept(), "to be forgotten", DemoModel::erasedRate));
    for (String concept : findings.original().retainedConcepts()) {
      html.append(row("", concept, isTrainedFor(concept) ? "a retain prompt of AdvUnlearn’s" : "",
          model -> model.rate(concept)));
    }
    return html.append(row("total", "all others", "to be kept", DemoModel::retainedRate)).toString();
  }

  private boolean isTrainedFor(String concept) {
    return findings.retainPrompts().stream().anyMatch(prompt -> prompt.endsWith(" " + concept));
  }

  @FunctionalInterface
  private interface Rate {
    SuccessRate of(DemoModel model);
  }

  private String row(String cssClass, String name, String note, Rate rate) {
    StringBuilder html = new StringBuilder("<tr class=\"%s\"><th scope=\"row\">".formatted(cssClass));
    html.append(Html.escape(name));
    if (!note.isEmpty()) {
      html.append("<small>").append(note).append("</small>");
    }
    html.append("</th>");
    for (DemoModel model : findings.models()) {
      html.append(cell(model.name(), rate.of(model)));
    }
    return html.append("</tr>\n").toString();
  }

  /** A table's cell: the count, the interval, and both as a bar. */
  static String cell(String label, SuccessRate rate) {
    return "<td data-label=\"%s\"><span class=\"count\">%s</span> <span class=\"interval\">%s</span>%s</td>"
        .formatted(Html.escape(label), Html.count(rate), Html.interval(rate), Html.bar(rate));
  }

  /** What the intervals allow to say, each a list item. */
  String reading() {
    StringBuilder html = new StringBuilder();
    DemoModel original = findings.original();
    for (DemoModel model : findings.erasedModels()) {
      html.append(item(findings.concept(), original, model, DemoModel::erasedRate));
      html.append(item("All others", original, model, DemoModel::retainedRate));
    }
    return html.toString();
  }

  private static String item(String what, DemoModel before, DemoModel after, Rate rate) {
    return "<li>%s, %s and %s: %s</li>"
        .formatted(
            Html.escape(Html.capitalized(what)),
            Html.escape(before.name()),
            Html.escape(after.name()),
            verdict(rate.of(before), rate.of(after)));
  }

  static String verdict(SuccessRate a, SuccessRate b) {
    return Html.overlap(a, b)
        ? "the intervals overlap; so few do not tell them apart."
        : "the intervals do not overlap.";
  }
}
