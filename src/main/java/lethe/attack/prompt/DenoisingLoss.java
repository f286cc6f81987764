package lethe.attack.prompt;

import lethe.error.UserException;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.model.layer.GradientPass;
import lethe.model.scheduler.NoiseSchedule;
import lethe.profile.PhaseEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * How far the attacked model's prediction is from what it is to be, and the gradient of that with respect to the
 * adversarial word embeddings.
 *
 * <p>Nothing else is differentiated: no weight of text encoder or UNet gets a gradient.
 */
final class DenoisingLoss {
  private final StableDiffusion model;
  private final NoiseSchedule schedule;
  private final Criterion criterion;
  private final Provider provider;

  /**
   * @param loss a mean over all elements of the latent
   * @param embeddings its gradient, [k, D]
   */
  record Gradient(double loss, Tensor embeddings) {}

  DenoisingLoss(StableDiffusion model, Criterion criterion, Provider provider) {
    this.model = model;
    this.schedule = NoiseSchedule.of(model.schedulerConfig());
    this.criterion = criterion;
    this.provider = provider.on(model.device());
  }

  NoiseSchedule schedule() {
    return schedule;
  }

  /**
   * @param template the prompt
   * @param embeddings the word embeddings in its slots, [k, D]
   * @param clean z_0, times the scaling factor, [1, C, h, w]
   * @param noise [1, C, h, w]
   * @return owned by the current scope
   * @throws UserException if the loss is not finite
   */
  Gradient of(
      PromptTemplate template, Tensor embeddings, Tensor clean, Tensor noise, int timestep, DenoisingTarget target) {
    try (Scope scope = new Scope();
        GradientPass pass = GradientPass.of(provider)) {
      Tensor steps = Tensor.create(new long[] {timestep}, 1);
      Tensor noisy = schedule.addNoise(clean, noise, steps);
      Tensor leaf = embeddings.detach().set_requires_grad(true);
      Tensor loss;
      try (PhaseEvent phase = PhaseEvent.of("forward")) {
        Tensor context = model.textEncoder().encodeEmbeddings(insert(template, leaf), pass);
        Tensor prediction = model.unet().forward(noisy, steps, pass.cut(context), pass);
        loss = criterion.of(prediction, target.of(noisy, clean, noise, steps));
      }
      double value = loss.item_double();
      if (!Double.isFinite(value)) {
        throw UserException.failed(
            "the attack's loss is " + value + " at timestep " + timestep + "; lower --lr or check the checkpoint");
      }
      try (PhaseEvent phase = PhaseEvent.of("backward")) {
        pass.backward(loss);
      }
      // grad() points into the leaf and dies with it; detach() makes an owner.
      return new Gradient(value, scope.keep(leaf.grad().detach()));
    }
  }

  /** The text context of {@code template} with word embeddings in its slots, [1, T, D]. */
  Tensor context(PromptTemplate template, Tensor embeddings) {
    try (Scope scope = new Scope()) {
      return scope.keep(model.textEncoder().encodeEmbeddings(insert(template, embeddings)));
    }
  }

  private Tensor insert(PromptTemplate template, Tensor embeddings) {
    Tensor words = model.textEncoder().embed(template.paddedWithSlots());
    return words.index_copy(1, model.device().place(template.positions()), embeddings.unsqueeze(0));
  }
}
