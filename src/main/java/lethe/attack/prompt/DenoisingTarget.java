package lethe.attack.prompt;

import java.util.List;
import lethe.model.StableDiffusion;
import lethe.model.scheduler.NoiseSchedule;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** What the attacked model is to predict. */
@FunctionalInterface
interface DenoisingTarget {
  /**
   * @param noisy z_t, [1, C, h, w]
   * @param clean z_0
   * @param noise what z_t was made with
   * @param timestep int64 [1]
   * @return [1, C, h, w], needs no gradient; owned by the current scope
   */
  Tensor of(Tensor noisy, Tensor clean, Tensor noise, Tensor timestep);

  /** The truth: the noise, or the velocity or the clean latent for a model that predicts those (UnlearnDiffAtk). */
  static DenoisingTarget truth(NoiseSchedule schedule) {
    return switch (schedule.predictionType()) {
      case EPSILON -> (noisy, clean, noise, timestep) -> noise;
      case V_PREDICTION -> (noisy, clean, noise, timestep) -> schedule.velocity(clean, noise, timestep);
      case SAMPLE -> (noisy, clean, noise, timestep) -> clean;
    };
  }

  /** What a model that has not forgotten predicts for {@code prompt} (P4D). */
  static DenoisingTarget predictedBy(StableDiffusion original, String prompt) {
    return (noisy, clean, noise, timestep) -> {
      try (Scope scope = new Scope();
          NoGradGuard noGrad = new NoGradGuard()) {
        Tensor context = original.encodePrompts(List.of(prompt));
        return scope.keep(original.unet().forward(noisy, timestep, context));
      }
    };
  }
}
