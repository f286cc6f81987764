package lethe.erase.advunlearn;

import java.util.List;
import java.util.function.Function;
import lethe.erase.advunlearn.latents.ErasingLatents;
import lethe.erase.advunlearn.latents.RetainLatents;
import lethe.error.UserException;
import lethe.kernel.AdamWSettings;
import lethe.kernel.Optimizer;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.model.clip.TokenIds;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.GradientPass;
import lethe.profile.PhaseEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * AdvUnlearn's outer minimisation (arXiv 2405.15234, equation 4): L_u + gamma L_retain over the trained parts.
 *
 * <p>The erasing target is ESD's (arXiv 2303.07345, equation 7): L_u = MSE(e(z_t, t, c*), e_0 - eta (e_p - e_0)). The
 * two losses go backward one after the other, so that only one of their graphs is in memory.
 */
final class OuterStep implements AutoCloseable {
  private final StableDiffusion model;
  private final TrainedParts parts;
  private final AdvUnlearnSettings settings;
  private final Provider provider;
  private final Optimizer adam;

  OuterStep(StableDiffusion model, TrainedParts parts, AdvUnlearnSettings settings, Provider provider) {
    this.model = model;
    this.parts = parts;
    this.settings = settings;
    this.provider = provider.on(model.device());
    this.adam =
        Optimizer.adamW(
            this.provider, List.copyOf(parts.parameters().values()), AdamWSettings.adam(settings.lr()));
  }

  /** The losses before a step; the retain loss without its weight, NaN if it is not part of the step. */
  record Losses(double erasing, double retain) {}

  /** Over the trained parts, in their order. */
  Optimizer adam() {
    return adam;
  }

  /**
   * One step on the erasing loss.
   *
   * @param context of the prompt to be erased, [1, T, D], differentiable where the text encoder is trained
   * @param retain null if the step is on the erasing loss alone
   * @throws UserException if a loss or a gradient is not finite; no parameter has changed then
   */
  Losses erase(Function<AttentionPass, Tensor> context, ErasingLatents erasing, RetainLatents retain) {
    double[] losses = {Double.NaN, Double.NaN};
    parts.whileTraining(
        () -> {
          Tensor e0 = erasing.unconditional();
          Tensor target = e0.sub(erasing.conditional().sub(e0), new Scalar(settings.negativeGuidance()));
          losses[0] =
              backward("erasing", context, erasing.latents(), erasing.timesteps(), target, 1);
          if (retain != null) {
            losses[1] = backwardRetain(retain, settings.retainLossW());
          }
          updateWeights();
        });
    return new Losses(losses[0], losses[1]);
  }

  /** One step on the retain loss alone; as {@link #erase} in all else. */
  double retain(RetainLatents retain) {
    double[] loss = new double[1];
    parts.whileTraining(
        () -> {
          loss[0] = backwardRetain(retain, 1);
          updateWeights();
        });
    return loss[0];
  }

  private void updateWeights() {
    try (PhaseEvent phase = PhaseEvent.of("optimizer")) {
      requireFiniteGradients();
      adam.step();
    }
  }

  /** A finite loss can have gradients that are not, and Adam would carry those into every weight. */
  private void requireFiniteGradients() {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      TensorVector norms = new TensorVector();
      for (Tensor parameter : parts.parameters().values()) {
        Tensor gradient = parameter.grad();
        if (gradient.defined()) {
          norms.push_back(gradient.norm());
        }
      }
      if (!torch.stack(norms).isfinite().all().item_bool()) {
        throw UserException.failed("a gradient is not finite; lower --lr or --retain-loss-w");
      }
    }
  }

  private double backwardRetain(RetainLatents retain, double weight) {
    return backward(
        "retain",
        pass -> encode(retain.prompts(), pass),
        retain.latents(),
        retain.timesteps(),
        retain.predictions(),
        weight);
  }

  private Tensor encode(List<String> prompts, AttentionPass pass) {
    Tensor ids = TokenIds.of(model.tokenizer(), prompts);
    return model.textEncoder().encodeEmbeddings(model.textEncoder().embed(ids), pass);
  }

  private double backward(
      String name,
      Function<AttentionPass, Tensor> context,
      Tensor latents,
      Tensor timesteps,
      Tensor target,
      double weight) {
    try (Scope scope = new Scope();
        PhaseEvent part = PhaseEvent.of(name);
        GradientPass pass = GradientPass.of(provider)) {
      Tensor loss;
      try (PhaseEvent phase = PhaseEvent.of("forward")) {
        Tensor prediction = model.unet().forward(latents, timesteps, pass.cut(context.apply(pass)), pass);
        loss = torch.mse_loss(prediction, target);
      }
      double value = loss.item_double();
      if (!Double.isFinite(value)) {
        throw UserException.failed("the " + name + " loss is " + value + "; lower --lr");
      }
      try (PhaseEvent phase = PhaseEvent.of("backward")) {
        pass.backward(loss.mul(new Scalar(weight)));
      }
      return value;
    }
  }

  @Override
  public void close() {
    adam.close();
  }
}
