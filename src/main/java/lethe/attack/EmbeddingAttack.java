package lethe.attack;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import lethe.kernel.PgdLoop;
import lethe.kernel.Provider;
import lethe.model.layer.GradientPass;
import lethe.model.unet.UNet;
import lethe.profile.PhaseEvent;
import lethe.profile.StepEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * AdvUnlearn's inner loop (arXiv 2405.15234, equation 5): finds the embedding that brings an erased concept back, by
 * minimising MSE(e(z_t, t, c*), target) over it.
 *
 * <p>Only the embedding is differentiated. All weights have to be frozen while it runs, so that autograd computes and
 * stores nothing for them.
 */
public final class EmbeddingAttack {
  private final UNet unet;
  private final Provider provider;
  private final PgdLoop loop;
  private final PgdLoop.Settings settings;

  public EmbeddingAttack(UNet unet, AttackSettings settings, Provider provider) {
    this(unet, settings.loop(), provider);
  }

  EmbeddingAttack(UNet unet, PgdLoop.Settings settings, Provider provider) {
    this.unet = unet;
    this.settings = settings;
    this.provider = provider.on(unet.device());
    this.loop = PgdLoop.of(this.provider);
  }

  /**
   * What an attack found; tensors belong to the scope that was current when it ran.
   *
   * @param adversarial after the last step, [1, k, D]
   * @param lastEvaluated before it, where the last loss was taken
   * @param losses one for every step
   * @param stop why it ended
   */
  public record Result(Tensor adversarial, Tensor lastEvaluated, List<Double> losses, PgdLoop.Stop stop) {}

  /**
   * @param start [1, k, D]; not changed
   * @param samples what each step is measured on, counted from 0; owned by the current scope
   * @param cancelled asked before every step
   */
  public Result run(
      AttackedPrompt prompt, Tensor start, IntFunction<AttackSample> samples, BooleanSupplier cancelled) {
    try (Scope scope = new Scope()) {
      Tensor adversarial = scope.keep(start.detach().clone());
      Tensor lastEvaluated = scope.keep(start.detach().clone());
      PgdLoop.Result result =
          loop.run(
              adversarial,
              null,
              settings,
              (step, x, gradient) -> {
                try (StepEvent event = StepEvent.of(StepEvent.ATTACK, step + 1)) {
                  lastEvaluated.copy_(x);
                  return lossAndGradient(prompt, sample(samples, step), x, gradient);
                }
              },
              cancelled);
      List<Double> losses = result.steps().stream().map(PgdLoop.Step::loss).toList();
      return new Result(adversarial, lastEvaluated, losses, result.stop());
    }
  }

  private static AttackSample sample(IntFunction<AttackSample> samples, int step) {
    try (PhaseEvent phase = PhaseEvent.of("sample latents")) {
      return samples.apply(step);
    }
  }

  private double lossAndGradient(AttackedPrompt prompt, AttackSample sample, Tensor x, Tensor gradient) {
    try (GradientPass pass = GradientPass.of(provider)) {
      Tensor leaf = x.detach().set_requires_grad(true);
      Tensor loss;
      try (PhaseEvent phase = PhaseEvent.of("forward")) {
        Tensor context = pass.cut(prompt.context(leaf, pass));
        Tensor prediction = unet.forward(sample.latents(), sample.timesteps(), context, pass);
        loss = torch.mse_loss(prediction, sample.target());
      }
      try (PhaseEvent phase = PhaseEvent.of("backward")) {
        pass.backward(loss);
      }
      gradient.copy_(leaf.grad());
      return loss.item_double();
    }
  }
}
