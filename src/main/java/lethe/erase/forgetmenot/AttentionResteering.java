package lethe.erase.forgetmenot;

import java.util.ArrayList;
import java.util.List;
import lethe.error.UserException;
import lethe.kernel.Optimizer;
import lethe.kernel.Provider;
import lethe.model.unet.UNet;
import lethe.profile.PhaseEvent;
import lethe.profile.StepEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * Forget-Me-Not's attention resteering (arXiv 2303.17591, section 3.2): gradient steps on a UNet that take its
 * cross-attention away from a concept's tokens.
 *
 * <p>Changes the parameters of the UNet it is given, in place. Owns the optimiser's state; frees it and freezes the
 * parameters again on {@link #close()}.
 */
public final class AttentionResteering implements AutoCloseable {
  private final UNet unet;
  private final Provider provider;
  private final ForgetMeNotSettings settings;
  private final List<Tensor> trained = new ArrayList<>();
  private final Optimizer optimizer;
  private int step;

  public AttentionResteering(UNet unet, ForgetMeNotSettings settings, Provider provider) {
    this.unet = unet;
    this.settings = settings;
    this.provider = provider.on(unet.device());
    unet.parameters()
        .forEach(
            (name, parameter) -> {
              if (settings.trains(name)) {
                trained.add(parameter);
                parameter.set_requires_grad(true);
              }
            });
    optimizer = Optimizer.adamW(this.provider, trained, settings.optimizer());
  }

  /**
   * One optimisation step.
   *
   * @param noisyLatents [B, C, H, W]
   * @param timesteps [B] int64
   * @param context the prompts' text encodings, [B, T, D]
   * @param columns uint8 [B, T], 1 at the concept's token positions
   * @return the loss before the step
   * @throws UserException if the loss is not finite; the parameters are then those before this step
   */
  public double step(Tensor noisyLatents, Tensor timesteps, Tensor context, Tensor columns) {
    try (Scope scope = new Scope();
        StepEvent event = StepEvent.of(StepEvent.TRAINING, ++step);
        ResteeringPass pass = ResteeringPass.of(provider, unet, columns)) {
      Tensor loss = forward(pass, noisyLatents, timesteps, context);
      double value = loss.item_double();
      if (!Double.isFinite(value)) {
        throw UserException.failed(
            "the loss is " + value + " at step " + step + "; lower --learning-rate or check the checkpoint");
      }
      try (PhaseEvent phase = PhaseEvent.of("backward")) {
        pass.backward(loss);
      }
      try (PhaseEvent phase = PhaseEvent.of("optimizer")) {
        optimizer.step();
        optimizer.zeroGradients();
      }
      return value;
    }
  }

  private Tensor forward(ResteeringPass pass, Tensor noisyLatents, Tensor timesteps, Tensor context) {
    try (PhaseEvent phase = PhaseEvent.of("forward")) {
      unet.forward(noisyLatents, timesteps, context, pass);
      return pass.loss();
    }
  }

  @Override
  public void close() {
    optimizer.close();
    trained.forEach(parameter -> parameter.set_requires_grad(false));
  }
}
