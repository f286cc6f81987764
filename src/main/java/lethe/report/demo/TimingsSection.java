package lethe.report.demo;

import java.util.Comparator;
import java.util.List;

/** Where the time went. */
final class TimingsSection {
  private final DemoFindings findings;
  private final List<DemoPhase> phases;

  TimingsSection(DemoFindings findings) {
    this.findings = findings;
    this.phases =
        findings.phases().stream()
            .sorted(Comparator.comparingInt(DemoPhase::lane).thenComparingDouble(DemoPhase::start))
            .toList();
  }

  /** A bar for every phase on its lane; the table says the same in words. */
  String lanes() {
    StringBuilder html = new StringBuilder();
    int lane = -1;
    for (DemoPhase phase : phases) {
      if (phase.lane() != lane) {
        html.append(lane < 0 ? "" : "</div>").append("<div class=\"lane\">");
        lane = phase.lane();
      }
      html.append(Html.format(
          "<span class=\"m%d\" style=\"left:%.2f%%;width:%.2f%%\">%s</span>",
          model(phase), 100 * phase.start() / findings.seconds(), 100 * phase.seconds() / findings.seconds(),
          Html.escape(phase.work())));
    }
    return html.append("</div>").toString();
  }

  /** The place of a phase's model among the models, for its colour. */
  private int model(DemoPhase phase) {
    return findings.models().stream().map(DemoModel::name).toList().indexOf(phase.model());
  }

  String legend() {
    StringBuilder html = new StringBuilder();
    for (int i = 0; i < findings.models().size(); i++) {
      html.append("<span class=\"key m%d\"></span>%s ".formatted(i, Html.escape(findings.models().get(i).name())));
    }
    return html.toString();
  }

  String rows() {
    StringBuilder html = new StringBuilder();
    for (DemoPhase phase : phases) {
      html.append(Html.format(
          "<tr><td>%s</td><td>%s</td><td>%s</td><td class=\"number\">%.1f s</td></tr>%n",
          Html.escape(phase.model()), Html.escape(phase.work()), Html.escape(phase.detail()), phase.seconds()));
    }
    return html.toString();
  }
}
