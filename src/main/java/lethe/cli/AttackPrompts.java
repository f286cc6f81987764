package lethe.cli;

import java.util.List;
import lethe.attack.prompt.AttackPrompt;
import lethe.attack.prompt.PromptFile;
import lethe.error.UserException;
import lethe.evaluate.BenchConcept;
import lethe.evaluate.Bundled;
import lethe.evaluate.ConceptBench;

/** The prompts that {@code lethe attack} starts from: those of a file, or ConceptBench's for the concept. */
final class AttackPrompts {
  private AttackPrompts() {}

  /** @throws UserException if the file is wrong; where none is given, if ConceptBench does not have the concept */
  static List<AttackPrompt> of(Arguments arguments) {
    long seed = arguments.get(AttackFlags.EVAL_SEED);
    double guidance = arguments.get(AttackFlags.GUIDANCE);
    if (arguments.has(AttackFlags.PROMPTS)) {
      return PromptFile.read(arguments.get(AttackFlags.PROMPTS), seed, guidance);
    }
    return bench(arguments).prompts().stream()
        .map(prompt -> new AttackPrompt(prompt.text(), seed, guidance))
        .toList();
  }

  private static BenchConcept bench(Arguments arguments) {
    String concept = arguments.get(AttackFlags.CONCEPT);
    return ConceptBench.read(Bundled.bench())
        .inWords(concept, arguments.get(ModelFlags.MODEL))
        .orElseThrow(() -> UserException.usage(
            "--concept '%s': ConceptBench has no prompts for it; give some by --prompts FILE".formatted(concept)));
  }
}
