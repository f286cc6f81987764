package lethe.erase.advunlearn.latents;

import org.bytedeco.pytorch.Tensor;

/**
 * What steers a sampler.
 *
 * @param context of the prompts, [B, T, D]
 * @param empty context of the empty prompt, [1, T, D]; unused if the scale is 1
 * @param scale of classifier-free guidance; 1 is none. Published: 3
 */
public record Guidance(Tensor context, Tensor empty, double scale) {}
