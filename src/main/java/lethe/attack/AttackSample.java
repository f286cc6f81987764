package lethe.attack;

import org.bytedeco.pytorch.Tensor;

/**
 * What one step of an attack is measured on.
 *
 * @param latents z_t, [1, C, h, w]
 * @param timesteps t, int64 [1]
 * @param target the prediction that the adversarial prompt is to bring back, [1, C, h, w]
 */
public record AttackSample(Tensor latents, Tensor timesteps, Tensor target) {}
