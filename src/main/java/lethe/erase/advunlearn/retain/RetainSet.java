package lethe.erase.advunlearn.retain;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import lethe.error.UserException;
import lethe.text.ClipTokenizer;

/**
 * The prompts that a model must go on to serve.
 *
 * @param name what messages call it: a file, or a built-in set
 * @param prompts without duplicates; at least one
 * @param warnings what was left out or will be cut, one line each
 */
public record RetainSet(String name, List<String> prompts, List<String> warnings) {
  private static final int LISTED = 3;
  private static final int SHOWN = 60; // characters of a prompt

  public RetainSet {
    prompts = List.copyOf(prompts);
    warnings = List.copyOf(warnings);
    if (prompts.isEmpty()) {
      throw UserException.failed(name + ": no prompts are left to retain; add some that are not about the concept");
    }
  }

  /** A set of these prompts, of which empty and repeated ones are left out with a warning. */
  static RetainSet of(String name, List<String> lines) {
    Set<String> distinct = new LinkedHashSet<>();
    List<String> repeated = new ArrayList<>();
    boolean empty = false;
    for (String line : lines) {
      String prompt = line.strip();
      if (prompt.isEmpty()) {
        empty = true;
      } else if (!distinct.add(prompt)) {
        repeated.add(prompt);
      }
    }
    if (distinct.isEmpty()) {
      throw UserException.failed(name + ": has no prompts; write one on each line");
    }
    List<String> warnings = new ArrayList<>();
    if (empty) {
      warnings.add(name + ": empty lines are left out");
    }
    if (!repeated.isEmpty()) {
      warnings.add("%s: repeated prompts are left out: %s".formatted(name, listed(repeated)));
    }
    return new RetainSet(name, List.copyOf(distinct), warnings);
  }

  /**
   * The set without the prompts that are about a concept, for retaining those would work against erasing it.
   *
   * @throws UserException if none is left
   */
  public RetainSet without(List<String> concepts) {
    List<String> kept = new ArrayList<>();
    List<String> dropped = new ArrayList<>();
    for (String prompt : prompts) {
      boolean related = concepts.stream().anyMatch(concept -> RelatedPrompts.areRelated(prompt, concept));
      (related ? dropped : kept).add(prompt);
    }
    return dropped.isEmpty()
        ? this
        : new RetainSet(
            name,
            kept,
            plus("%s: prompts about the concept are left out: %s".formatted(name, listed(dropped))));
  }

  /** The set with a warning if prompts have more tokens than the text encoder takes: it sees the first only. */
  public RetainSet checkedBy(ClipTokenizer tokenizer) {
    int room = tokenizer.maxLength() - 2; // start and end
    List<String> cut = prompts.stream().filter(prompt -> tokenizer.encode(prompt).length > room).toList();
    return cut.isEmpty()
        ? this
        : new RetainSet(
            name,
            prompts,
            plus("%s: prompts of more than %d tokens are cut: %s".formatted(name, room, listed(cut))));
  }

  private List<String> plus(String warning) {
    List<String> all = new ArrayList<>(warnings);
    all.add(warning);
    return all;
  }

  private static String listed(List<String> prompts) {
    String first = prompts.stream().limit(LISTED).map(RetainSet::quoted).collect(Collectors.joining(", "));
    int more = prompts.size() - LISTED;
    return more > 0 ? first + " and " + more + " more" : first;
  }

  private static String quoted(String prompt) {
    return "\"" + (prompt.length() <= SHOWN ? prompt : prompt.substring(0, SHOWN) + "...") + "\"";
  }
}
