package lethe.train.diffusion;

import org.bytedeco.pytorch.Tensor;

/**
 * What a step learns from.
 *
 * @param noisy latents at their timesteps, [B, C, h, w]
 * @param timesteps [B] int64
 * @param target what is to be predicted of them: the noise, or the velocity, [B, C, h, w]
 * @param ids the captions' tokens, [B, T] int64
 */
record NoisyBatch(Tensor noisy, Tensor timesteps, Tensor target, Tensor ids) {
  /** A view of {@code count} of them; owned by the current scope. */
  NoisyBatch narrow(long start, long count) {
    return new NoisyBatch(
        noisy.narrow(0, start, count),
        timesteps.narrow(0, start, count),
        target.narrow(0, start, count),
        ids.narrow(0, start, count));
  }
}
