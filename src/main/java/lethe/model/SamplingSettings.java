package lethe.model;

/**
 * How images are drawn.
 *
 * @param scheduler its name, or null for the one the checkpoint's config names
 * @param guidanceScale of classifier-free guidance; 1 or less turns it off
 */
public record SamplingSettings(
    String prompt, String negativePrompt, String scheduler, int steps, double guidanceScale) {}
