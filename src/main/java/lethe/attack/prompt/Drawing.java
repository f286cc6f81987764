package lethe.attack.prompt;

import java.util.List;
import java.util.function.IntConsumer;
import lethe.model.SamplingSettings;
import lethe.model.StableDiffusion;
import lethe.model.layer.AttentionPass;
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

  /**
   * The images [B, 3, H, W] of prompts, drawn together: every UNet pass serves them all. Each is the one that it would
   * be alone, up to the rounding of sums.
   *
   * @param prompts at least one, all of one guidance scale
   * @param pass what every UNet pass is run as
   * @param onStep told the number of sampler steps done, after each
   * @return about [-1, 1], on the CPU; owned by the current scope
   */
  public Tensor draw(StableDiffusion model, List<AttackPrompt> prompts, AttentionPass pass, IntConsumer onStep) {
    AttackPrompt first = prompts.get(0);
    if (prompts.stream().anyMatch(prompt -> prompt.guidanceScale() != first.guidanceScale())) {
      throw new IllegalArgumentException("prompts that are drawn together must have one guidance scale");
    }
    try (Scope scope = new Scope()) {
      Tensor start = model.startLatents(prompts.stream().map(AttackPrompt::seed).toList(), height, width);
      Tensor contexts = model.encodePrompts(prompts.stream().map(AttackPrompt::text).toList());
      Tensor latents = model.sample(start, contexts, settings(first), pass, onStep);
      return scope.keep(Device.CPU.place(model.decode(latents)));
    }
  }

  private SamplingSettings settings(AttackPrompt prompt) {
    return new SamplingSettings(prompt.text(), negativePrompt, scheduler, steps, prompt.guidanceScale());
  }

  private static Tensor decode(StableDiffusion model, Tensor latents) {
    return Device.CPU.place(model.decode(latents).select(0, 0));
  }
}
