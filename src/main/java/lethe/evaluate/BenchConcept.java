package lethe.evaluate;

import java.nio.file.Path;
import java.util.List;
import lethe.dataset.ConceptGroup;

/**
 * A concept that a model can be made to forget.
 *
 * @param name unique in its list: {@code dog-face}
 * @param words as prompts write it: {@code dog face}
 * @param prompts that ask for it
 * @param references pictures of it, as paths in the folder of a model that draws it; or none
 * @param neighbours names of the concepts next to it, by meaning or by shape: what must be retained
 * @param published what papers report of erasing it, for people to read; empty if nothing
 */
public record BenchConcept(
    String name,
    String words,
    ConceptGroup group,
    List<BenchPrompt> prompts,
    List<Path> references,
    List<String> neighbours,
    String published) {}
