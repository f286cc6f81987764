package lethe.erase.forgetmenot;

import java.util.ArrayList;
import java.util.List;
import lethe.error.UserException;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.tensor.Scope;

/** Forget-Me-Not (arXiv 2303.17591): erases concepts from a Stable Diffusion model by attention resteering. */
public final class ForgetMeNot {
  private ForgetMeNot() {}

  /** Told about every step as it ends. */
  @FunctionalInterface
  public interface StepListener {
    /**
     * @param step from 1
     * @param loss before the step
     * @return whether to go on
     */
    boolean afterStep(int step, double loss);
  }

  /**
   * Trains the UNet of {@code model} in place.
   *
   * @return the loss before each step; fewer than asked for if the listener ended the run
   * @throws UserException if the images or prompts are unusable, or the loss stops being finite
   */
  public static List<Double> erase(
      StableDiffusion model,
      List<Concept> concepts,
      ForgetMeNotSettings settings,
      Provider provider,
      StepListener listener) {
    checkResolution(model, settings);
    List<Double> losses = new ArrayList<>();
    try (ConceptDataset dataset = new ConceptDataset(model, concepts, settings);
        AttentionResteering resteering = new AttentionResteering(model.unet(), settings, provider)) {
      boolean goOn = true;
      for (int step = 1; goOn && step <= settings.maxTrainSteps(); step++) {
        try (Scope scope = new Scope()) {
          ConceptDataset.Batch batch = dataset.next();
          double loss =
              resteering.step(batch.noisyLatents(), batch.timesteps(), batch.context(), batch.columns());
          losses.add(loss);
          goOn = listener.afterStep(step, loss);
        }
      }
    }
    return losses;
  }

  private static void checkResolution(StableDiffusion model, ForgetMeNotSettings settings) {
    int factor = model.vae().config().downsamplingFactor();
    if (settings.resolution() % factor != 0) {
      throw UserException.usage(
          "--resolution is " + settings.resolution() + ", it must be a multiple of " + factor
              + ", the pixels in one latent position");
    }
  }
}
