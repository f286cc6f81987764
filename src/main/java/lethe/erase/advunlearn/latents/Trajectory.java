package lethe.erase.advunlearn.latents;

import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * One run of the sampler with all its S stops, and what the frozen model predicts at each.
 *
 * <p>A published draw takes a timestep anew within its stop's share whenever latents are used. Predictions depend on
 * it, so here every stop draws one of its own: over trajectories, (t, z_t, predictions) of a stop are distributed as in
 * fresh sampling. Only that the prompts of one retain batch share their timestep is not kept: they share its stop.
 *
 * @param timesteps int64 [S]
 * @param latents [S, C, h, w] fp32
 * @param conditional predictions for the prompt, [S, C, h, w], of the type that the UNet computes in
 * @param unconditional predictions for the empty prompt, likewise; null if they are not needed
 */
record Trajectory(Tensor timesteps, Tensor latents, Tensor conditional, Tensor unconditional) {
  /** Makes the caller its owner. */
  Trajectory own() {
    Scope.own(timesteps);
    Scope.own(latents);
    Scope.own(conditional);
    if (unconditional != null) {
      Scope.own(unconditional);
    }
    return this;
  }

  void release() {
    timesteps.releaseReference();
    latents.releaseReference();
    conditional.releaseReference();
    if (unconditional != null) {
      unconditional.releaseReference();
    }
  }
}
