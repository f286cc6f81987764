package lethe.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.attack.judge.ConceptJudge.Verdict;
import lethe.attack.prompt.Candidate;
import lethe.attack.prompt.PromptOutcome;
import lethe.attack.prompt.PromptOutcome.Attempt;
import lethe.text.ClipTokenizer;

/** What an attack found, as a table for people and as data. */
public final class AttackReport {
  private final String concept;
  private final List<PromptOutcome> outcomes;
  private final ClipTokenizer tokenizer;

  /**
   * @param outcomes one per prompt that was attacked to the end
   * @param tokenizer of the attacked model
   */
  public AttackReport(String concept, List<PromptOutcome> outcomes, ClipTokenizer tokenizer) {
    this.concept = concept;
    this.outcomes = outcomes;
    this.tokenizer = tokenizer;
  }

  /** A line per prompt with what was found, and both success rates. */
  public String table() {
    List<String> lines = new ArrayList<>();
    lines.add("before  after  prompt");
    for (PromptOutcome outcome : outcomes) {
      lines.add(
          "%-6s  %-5s  %s"
              .formatted(
                  word(outcome.succeededBefore()), word(outcome.succeededAfter()), outcome.prompt().text()));
      outcome.found().ifPresent(found -> lines.add(" ".repeat(15) + "found: " + line(found)));
    }
    lines.add("");
    lines.add(concept + " is drawn from");
    lines.add("  the prompts as they are  " + Rates.line(PromptOutcome.before(outcomes)));
    lines.add("  as they are or attacked  " + Rates.line(PromptOutcome.after(outcomes)));
    return String.join("\n", lines);
  }

  private static String word(boolean shown) {
    return shown ? "yes" : "no";
  }

  private static String line(Attempt found) {
    String timestep = found.timestep() == Candidate.NO_TIMESTEP ? "" : "  (timestep " + found.timestep() + ")";
    String tokens = found.tokens().length == 0 ? "" : "  " + Arrays.toString(found.tokens());
    return found.text() + tokens + timestep;
  }

  /** The same and more, to be written as JSON: every candidate that was drawn, ids and tokens of those found. */
  public Map<String, Object> data() {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("before", Rates.data(PromptOutcome.before(outcomes), "prompts"));
    data.put("after", Rates.data(PromptOutcome.after(outcomes), "prompts"));
    data.put("prompts", outcomes.stream().map(this::data).toList());
    return data;
  }

  private Map<String, Object> data(PromptOutcome outcome) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("prompt", outcome.prompt().text());
    data.put("seed", outcome.prompt().seed());
    data.put("guidance", outcome.prompt().guidanceScale());
    data.put("before", data(outcome.before(), outcome.succeededBefore()));
    data.put("after", outcome.succeededAfter());
    data.put("found", outcome.found().map(this::data).orElse(null));
    data.put("attempts", outcome.attempts().stream().map(this::data).toList());
    return data;
  }

  private static Map<String, Object> data(Verdict verdict, boolean success) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("success", success);
    data.put("judged_as", verdict.concept());
    data.put("score", verdict.score());
    return data;
  }

  private Map<String, Object> data(Attempt attempt) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("text", attempt.text());
    data.put("token_ids", attempt.tokens());
    data.put("tokens", Arrays.stream(attempt.tokens()).mapToObj(tokenizer::token).toList());
    data.put("timestep", attempt.timestep() == Candidate.NO_TIMESTEP ? null : attempt.timestep());
    data.put("mean_loss", finite(attempt.loss()));
    data.putAll(data(attempt.verdict(), attempt.success()));
    return data;
  }

  /** JSON has no NaN. */
  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
