package lethe.erase.advunlearn.latents;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What the retain loss needs of one batch of B prompts.
 *
 * @param latents z'_t, [B, C, h, w]
 * @param timesteps t, int64 [B]
 * @param prompts c_r
 * @param predictions the frozen predictions for the prompts, [B, C, h, w]
 */
public record RetainLatents(Tensor latents, Tensor timesteps, List<String> prompts, Tensor predictions) {}
