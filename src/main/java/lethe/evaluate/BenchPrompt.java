package lethe.evaluate;

/**
 * A prompt, and what a model that has forgotten nothing draws for it.
 *
 * @param concept name of the object or character asked for, or empty for none in particular
 * @param style name of the style asked for, or empty for none in particular
 */
public record BenchPrompt(String text, String concept, String style) {}
