package lethe.report.demo;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import lethe.attack.prompt.SuccessRate;

/** What a demo found, as one HTML file that needs no other and no network. */
public final class DemoPage {
  private final DemoFindings findings;

  /** @param findings of an original and two models that were erased, each with its attack */
  public DemoPage(DemoFindings findings) {
    this.findings = findings;
  }

  public String html() {
    Map<String, String> places = new LinkedHashMap<>();
    places.put("concept", Html.escape(findings.concept()));
    places.put("summary", summary());
    places.put("seconds", Html.format("%.0f", findings.seconds()));
    places.put("cpu_seconds", Html.format("%.0f", findings.cpuSeconds()));
    places.put("cores", Html.escape(String.valueOf(findings.facts().get("cores"))));
    places.put("judge", Html.escape(findings.judge()));
    places.put("heads", FiguresSection.heads(findings));
    pictures(places);
    attention(places);
    figures(places);
    attack(places);
    timings(places);
    places.put("settings", settings());
    places.put("commands", commands());
    places.put("facts", facts());
    return new Template("page.html").fill(places);
  }

  /** The main figures in two sentences. */
  private String summary() {
    return "Asked for “%s”, the original model draws it in <strong>%s</strong> pictures, as the judge sees them; %s. "
        .formatted(
            Html.escape(findings.concept()),
            Html.count(findings.original().erasedRate()),
            afterErasing(DemoModel::erasedRate))
        + "Asked for others, it draws those in <strong>%s</strong>; %s."
            .formatted(Html.count(findings.original().retainedRate()), afterErasing(DemoModel::retainedRate));
  }

  private String afterErasing(Function<DemoModel, SuccessRate> rate) {
    return findings.erasedModels().stream()
        .map(model -> "after %s in <strong>%s</strong>".formatted(
            Html.escape(model.name()), Html.count(rate.apply(model))))
        .collect(Collectors.joining(", "));
  }

  private void pictures(Map<String, String> places) {
    PicturesSection section = new PicturesSection(findings);
    places.put("first", section.first());
    places.put("erased", section.erased());
    places.put("retained", section.retained());
    places.put("more_retained", section.moreRetained());
  }

  private void attention(Map<String, String> places) {
    AttentionSection section = new AttentionSection(findings);
    places.put("attention", section.maps());
    places.put("attention_means", section.means());
    places.put("attention_legend", section.legend());
  }

  private void figures(Map<String, String> places) {
    FiguresSection section = new FiguresSection(findings);
    places.put("figures", section.rows());
    places.put("figures_reading", section.reading());
    places.put("retain_prompts", Html.escape(quoted(findings.retainPrompts())));
  }

  private void attack(Map<String, String> places) {
    AttackSection section = new AttackSection(findings);
    places.put("attack", section.rows());
    places.put("attack_found", section.found());
    places.put("attack_size", section.size());
    places.put("attack_reading", section.reading());
  }

  private void timings(Map<String, String> places) {
    TimingsSection section = new TimingsSection(findings);
    places.put("lanes", section.lanes());
    places.put("lanes_legend", section.legend());
    places.put("timings", section.rows());
  }

  private String settings() {
    StringBuilder html = new StringBuilder();
    findings.settings().forEach(
        (part, values) ->
            html.append("<section><h3>").append(Html.escape(part)).append("</h3>")
                .append(list(values)).append("</section>\n"));
    return html.toString();
  }

  private String commands() {
    StringBuilder html = new StringBuilder();
    findings.commands().forEach(
        (what, line) ->
            html.append("<h3>").append(Html.escape(what)).append("</h3><pre tabindex=\"0\"><code>")
                .append(Html.escape(line)).append("</code></pre>\n"));
    return html.toString();
  }

  private String facts() {
    return list(findings.facts());
  }

  private static String list(Map<String, ?> values) {
    StringBuilder html = new StringBuilder("<dl>");
    values.forEach(
        (name, value) ->
            html.append("<div><dt>").append(Html.escape(name)).append("</dt><dd>")
                .append(Html.escape(text(value))).append("</dd></div>"));
    return html.append("</dl>").toString();
  }

  private static String text(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> entry.getKey() + " " + entry.getValue())
          .collect(Collectors.joining(", "));
    }
    if (value instanceof Double number) {
      return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString(); // as an option is written
    }
    return value instanceof List<?> list
        ? list.stream().map(String::valueOf).collect(Collectors.joining(", "))
        : String.valueOf(value);
  }

  private static String quoted(List<String> words) {
    return words.stream().map(word -> "“" + word + "”").collect(Collectors.joining(", "));
  }
}
