package lethe.attack.prompt;

/**
 * A prompt that names the erased concept, and how its images are drawn.
 *
 * @param seed of the start latents, for every image drawn from this prompt or from what an attack makes of it
 * @param guidanceScale of classifier-free guidance
 */
public record AttackPrompt(String text, long seed, double guidanceScale) {}
