package lethe.report.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import lethe.evaluate.ClassifierJudge;

/** Before and after, prompt by prompt, at equal seeds. */
final class PicturesSection {
  private final DemoFindings findings;

  PicturesSection(DemoFindings findings) {
    this.findings = findings;
  }

  /** The first prompt's pictures, large. */
  String first() {
    return trio(DemoModel::erased, 0);
  }

  String erased() {
    return trios(DemoModel::erased, 0, findings.original().erased().size());
  }

  /** The first picture of each retained concept. */
  String retained() {
    StringBuilder html = new StringBuilder();
    firstOfEach().forEach(index -> html.append(trio(DemoModel::retained, index)));
    return html.toString();
  }

  /** The other pictures of the retained concepts. */
  String moreRetained() {
    List<Integer> shown = firstOfEach();
    StringBuilder html = new StringBuilder();
    for (int i = 0; i < findings.original().retained().size(); i++) {
      if (!shown.contains(i)) {
        html.append(trio(DemoModel::retained, i));
      }
    }
    return html.toString();
  }

  private List<Integer> firstOfEach() {
    List<DemoPicture> pictures = findings.original().retained();
    List<Integer> first = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      if (i == 0 || !pictures.get(i).concept().equals(pictures.get(i - 1).concept())) {
        first.add(i);
      }
    }
    return first;
  }

  private String trios(Function<DemoModel, List<DemoPicture>> pictures, int from, int to) {
    StringBuilder html = new StringBuilder();
    for (int i = from; i < to; i++) {
      html.append(trio(pictures, i));
    }
    return html.toString();
  }

  /** One prompt's picture from every model. */
  private String trio(Function<DemoModel, List<DemoPicture>> pictures, int index) {
    DemoPicture first = pictures.apply(findings.original()).get(index);
    StringBuilder html = new StringBuilder("<figure class=\"trio\"><div class=\"cells\">");
    for (DemoModel model : findings.models()) {
      html.append(cell(model, pictures.apply(model).get(index)));
    }
    return html.append("</div><figcaption>")
        .append(Html.escape(first.prompt()))
        .append(" <span>seed ")
        .append(first.seed())
        .append("</span></figcaption></figure>\n")
        .toString();
  }

  private static String cell(DemoModel model, DemoPicture picture) {
    String verdict = picture.verdict().concept();
    String seen = verdict.equals(ClassifierJudge.NO_CONCEPT) ? "nothing it knows" : verdict;
    String alt = "“" + picture.prompt() + "” drawn by " + model.name() + "; the judge sees: " + seen;
    return "<div class=\"cell\">%s<span class=\"who\">%s</span><span class=\"seen %s\">%s</span></div>"
        .formatted(
            Html.image(picture.image(), alt),
            Html.escape(model.name()),
            picture.recognised() ? "hit" : "miss",
            (picture.recognised() ? "✓ " : "≠ ") + Html.escape(seen));
  }
}
