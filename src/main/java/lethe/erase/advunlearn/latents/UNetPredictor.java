package lethe.erase.advunlearn.latents;

import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import lethe.model.unet.UNet;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** A UNet's predictions, without gradients, and how many were made. Does not own the UNet. */
public final class UNetPredictor {
  private final UNet unet;
  private final BooleanSupplier cancelled;
  private long forwards;

  public UNetPredictor(UNet unet) {
    this(unet, () -> false);
  }

  /** @param cancelled asked before every prediction */
  public UNetPredictor(UNet unet, BooleanSupplier cancelled) {
    this.unet = unet;
    this.cancelled = cancelled;
  }

  /** What the UNet computes in, and so the precision of every prediction. */
  DType dtype() {
    return unet.dtype();
  }

  /** Where latents and contexts must lie, and predictions do. */
  Device device() {
    return unet.device();
  }

  /**
   * @param latents [B, C, h, w] fp32
   * @param timesteps int64 [B] or [1], on any device
   * @param context [R, T, D] fp32, R as {@link UNet#forward} has it
   * @return the UNet's output, [R, C, h, w] fp32, owned by the current scope
   * @throws CancellationException if cancelled
   */
  public Tensor predict(Tensor latents, Tensor timesteps, Tensor context) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      if (cancelled.getAsBoolean()) {
        throw new CancellationException();
      }
      forwards += context.size(0);
      return scope.keep(unet.forward(latents, timesteps, context));
    }
  }

  /**
   * A prediction under classifier-free guidance: {@code e_empty + scale (e - e_empty)}, from one pass of both halves.
   *
   * @param timestep of all latents
   */
  Tensor predict(Tensor latents, int timestep, Guidance guidance) {
    try (Scope scope = new Scope()) {
      Tensor timesteps = Tensor.create((long) timestep);
      if (guidance.scale() == 1) {
        return scope.keep(predict(latents, timesteps, guidance.context()));
      }
      long batch = latents.size(0);
      Tensor empty = guidance.empty().expand(batch, -1, -1);
      Tensor both = predict(latents, timesteps, torch.cat(new TensorVector(empty, guidance.context()), 0));
      Tensor unconditional = both.narrow(0, 0, batch);
      Tensor conditional = both.narrow(0, batch, batch);
      return scope.keep(unconditional.add(conditional.sub(unconditional), new Scalar(guidance.scale())));
    }
  }

  /** Number of latents that went through the UNet so far; a guided prediction counts twice. */
  public long forwards() {
    return forwards;
  }
}
