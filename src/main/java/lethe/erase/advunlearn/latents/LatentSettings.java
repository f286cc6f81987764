package lethe.erase.advunlearn.latents;

import java.util.List;

/**
 * What latents are drawn for, with the names and defaults of the published code.
 *
 * @param concept its prompt
 * @param retainPrompts may be empty if nothing is to be retained
 * @param retainBatch prompts in a batch; fewer if there are fewer. Published: 5
 * @param startGuidance scale of the sampler's guidance. Published: 3
 * @param ddimSteps of the sampler. Published: 50
 * @param imageSize side of the images that the latents stand for, in pixels
 * @param seed of all draws
 */
public record LatentSettings(
    String concept,
    List<String> retainPrompts,
    int retainBatch,
    double startGuidance,
    int ddimSteps,
    int imageSize,
    long seed) {
  public LatentSettings {
    retainPrompts = List.copyOf(retainPrompts);
    if (retainBatch < 1) {
      throw new IllegalArgumentException("a retain batch needs at least 1 prompt, got " + retainBatch);
    }
  }
}
