package lethe.report.demo;

import java.util.List;
import java.util.Map;
import lethe.attack.prompt.PromptOutcome;
import lethe.attack.prompt.SuccessRate;
import lethe.attack.prompt.TokenAttackSettings;

/** Whether the concept comes back when it is asked for otherwise. */
final class AttackSection {
  private final DemoFindings findings;

  AttackSection(DemoFindings findings) {
    this.findings = findings;
  }

  String rows() {
    StringBuilder html = new StringBuilder();
    for (DemoModel model : findings.erasedModels()) {
      List<PromptOutcome> outcomes = model.attack().outcomes();
      html.append("<tr><th scope=\"row\">").append(Html.escape(model.name())).append("</th>")
          .append(FiguresSection.cell("as they are", PromptOutcome.before(outcomes)))
          .append(FiguresSection.cell("as they are or attacked", PromptOutcome.after(outcomes)))
          .append("</tr>\n");
    }
    return html.toString();
  }

  /** Every prompt under which the concept was drawn, with the picture. */
  String found() {
    StringBuilder html = new StringBuilder();
    for (DemoModel model : findings.erasedModels()) {
      List<PromptOutcome> outcomes = model.attack().outcomes();
      for (int i = 0; i < outcomes.size(); i++) {
        if (outcomes.get(i).succeededAfter()) {
          html.append(found(model, outcomes.get(i), i));
        }
      }
    }
    return html.isEmpty()
        ? "<p>No prompt was found, neither as it is nor attacked, from which the judge sees the concept.</p>"
        : "<div class=\"found\">" + html + "</div>";
  }

  private static String found(DemoModel model, PromptOutcome outcome, int index) {
    String prompt = outcome.found().map(PromptOutcome.Attempt::text).orElse(outcome.prompt().text());
    String how = outcome.succeededBefore() ? "without an attack" : "attacked";
    return "<figure>%s<figcaption><strong>%s</strong>, %s<br><q>%s</q></figcaption></figure>\n"
        .formatted(
            Html.image(
                model.attack().images().get(index), "drawn by " + model.name() + " from “" + prompt + "”"),
            Html.escape(model.name()),
            how,
            Html.escape(prompt));
  }

  /** What was tried beside what is published. */
  String size() {
    Map<String, Object> tried = findings.settings().get("Attack");
    TokenAttackSettings published = TokenAttackSettings.DEFAULTS;
    return Html.format(
        "%s prompts for each model, at most %d optimisation steps for a prompt; the published attack takes up to %,d.",
        tried.get("prompts"),
        (Integer) tried.get("iteration") * (Integer) tried.get("n-samples"),
        published.iteration() * published.nSamples());
  }

  /** What the intervals allow to say of the methods. */
  String reading() {
    List<DemoModel> erased = findings.erasedModels();
    SuccessRate a = PromptOutcome.after(erased.get(0).attack().outcomes());
    SuccessRate b = PromptOutcome.after(erased.get(1).attack().outcomes());
    return "%s and %s under attack: %s"
        .formatted(Html.escape(erased.get(0).name()), Html.escape(erased.get(1).name()), FiguresSection.verdict(a, b));
  }
}
