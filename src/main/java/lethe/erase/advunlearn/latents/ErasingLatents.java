package lethe.erase.advunlearn.latents;

import org.bytedeco.pytorch.Tensor;

/**
 * What the erasing loss and the attack need of one sample of the concept.
 *
 * @param latents z_t, [1, C, h, w]
 * @param timesteps t, int64 [1]
 * @param unconditional e_0, the frozen prediction for the empty prompt, [1, C, h, w]
 * @param conditional e_p, the frozen prediction for the concept, [1, C, h, w]
 */
public record ErasingLatents(Tensor latents, Tensor timesteps, Tensor unconditional, Tensor conditional) {}
