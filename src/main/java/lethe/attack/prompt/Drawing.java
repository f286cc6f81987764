package lethe.attack.prompt;

import lethe.model.SamplingSettings;
import lethe.model.StableDiffusion;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * How images are drawn from prompts, whatever the prompt.
 *
 * @param scheduler its name, or null for the checkpoint's own
 * @param steps of the sampler
 * @param height in pixels
 * @param width in pixels
 */
public record Drawing(String scheduler, int steps, String negativePrompt, int height, int width) {
  /** The image [3, H, W] that {@code model} draws of a prompt, about [-1, 1]; on the CPU, of the current scope. */
  Tensor draw(StableDiffusion model, AttackPrompt prompt) {
    try (Scope scope = new Scope()) {
      Tensor start = model.startLatents(prompt.seed(), height, width);
      return scope.keep(decode(model, model.sample(start, settings(prompt), step -> {})));
    }
  }

  /** As {@link #draw(StableDiffusion, AttackPrompt)}, under another text context [1, T, D]. */
  Tensor draw(StableDiffusion model, AttackPrompt prompt, Tensor context) {
    try (Scope scope = new Scope()) {
      Tensor start = model.startLatents(prompt.seed(), height, width);
      return scope.keep(decode(model, model.sample(start, context, settings(prompt), step -> {})));
    }
  }

  private SamplingSettings settings(AttackPrompt prompt) {
    return new SamplingSettings(prompt.text(), negativePrompt, scheduler, steps, prompt.guidanceScale());
  }

  private static Tensor decode(StableDiffusion model, Tensor latents) {
    return Device.CPU.place(model.decode(latents).select(0, 0));
  }
}
