package lethe.report.demo;

import java.util.List;

/** Where the pictures look at the concept's name, before and after. */
final class AttentionSection {
  private final DemoFindings findings;

  AttentionSection(DemoFindings findings) {
    this.findings = findings;
  }

  /** A row for every picture with the first seed: each style once. */
  String maps() {
    List<DemoPicture> original = findings.original().erased();
    StringBuilder html = new StringBuilder();
    for (int i = 0; i < original.size() && original.get(i).seed() == original.get(0).seed(); i++) {
      html.append(row(i));
    }
    return html.toString();
  }

  /** One prompt's maps from every model, on one scale. */
  private String row(int index) {
    DemoPicture first = findings.original().erased().get(index);
    double max = 0;
    for (DemoModel model : findings.models()) {
      max = Math.max(max, model.erased().get(index).attention().max());
    }
    StringBuilder html = new StringBuilder("<figure class=\"trio\"><div class=\"cells\">");
    for (DemoModel model : findings.models()) {
      DemoPicture picture = model.erased().get(index);
      String mean = percent(picture.attention().mean());
      String alt = "Attention to “%s” in the picture that %s draws; %s of an average place's attention"
          .formatted(findings.concept(), model.name(), mean);
      html.append("<div class=\"cell\">%s<span class=\"who\">%s</span><span class=\"seen\">%s</span></div>"
          .formatted(
              Html.image(HeatOverlay.of(picture.image(), picture.attention(), Math.max(max, Double.MIN_NORMAL)), alt),
              Html.escape(model.name()),
              mean));
    }
    return html.append("</div><figcaption>")
        .append(Html.escape(first.prompt()))
        .append(Html.format(" <span>brightest: %s</span></figcaption></figure>%n", percent(max)))
        .toString();
  }

  String legend() {
    return Html.image(HeatOverlay.scale(240, 12), "Colours from little attention, black, to much, yellow");
  }

  /** The means over all pictures of the erased concept. */
  String means() {
    StringBuilder html = new StringBuilder();
    for (DemoModel model : findings.models()) {
      double mean = model.erased().stream().mapToDouble(picture -> picture.attention().mean()).average().orElse(0);
      html.append(html.isEmpty() ? "" : ", ")
          .append("<strong>").append(percent(mean)).append("</strong> ")
          .append(model == findings.original() ? "before" : "after " + Html.escape(model.name()));
    }
    return html.toString();
  }

  private static String percent(double share) {
    return Html.format(share < 0.001 ? "%.3f%%" : "%.2f%%", 100 * share);
  }
}
