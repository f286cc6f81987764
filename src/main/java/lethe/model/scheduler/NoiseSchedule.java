package lethe.model.scheduler;

import java.util.Arrays;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How much of the clean sample is left at every training timestep, and the forward diffusion that follows from it.
 *
 * <p>The values are those that diffusers computes, in float32. Immutable; holds no native memory.
 */
public final class NoiseSchedule {
  private final float[] alphasCumprod;
  private final PredictionType predictionType;

  private NoiseSchedule(float[] alphasCumprod, PredictionType predictionType) {
    this.alphasCumprod = alphasCumprod;
    this.predictionType = predictionType;
  }

  /**
   * The schedule that the config's own class has.
   *
   * @throws lethe.error.UserException if a setting has a value that cannot be used
   */
  public static NoiseSchedule of(SchedulerConfig config) {
    return of(config.settings());
  }

  static NoiseSchedule of(SchedulerSettings settings) {
    PredictionType predictionType =
        settings.choice("prediction_type", PredictionType.values(), PredictionType::configName);
    return new NoiseSchedule(Betas.alphasCumprod(settings), predictionType);
  }

  /** Number of timesteps that the model was trained on; they are 0 to this minus 1. */
  public int trainTimesteps() {
    return alphasCumprod.length;
  }

  /** What the model predicts. */
  public PredictionType predictionType() {
    return predictionType;
  }

  /** The product of (1 - beta) up to and including timestep {@code t}: the share of the clean sample's variance. */
  public float alphaCumprod(int t) {
    return alphasCumprod[t];
  }

  /** All of {@link #alphaCumprod}, float32 [trainTimesteps], on the CPU, owned by the current scope. */
  public Tensor alphasCumprod() {
    return Tensor.create(alphasCumprod);
  }

  /** Noise standard deviation over that of the clean sample, {@code sqrt((1 - alphaBar) / alphaBar)}, for every t. */
  float[] sigmas() {
    float[] sigmas = new float[alphasCumprod.length];
    for (int t = 0; t < sigmas.length; t++) {
      sigmas[t] = (float) Math.sqrt((1 - alphasCumprod[t]) / alphasCumprod[t]);
    }
    return sigmas;
  }

  /**
   * Forward diffusion: {@code sqrt(alphaBar) clean + sqrt(1 - alphaBar) noise}.
   *
   * @param clean [B, ...], floating point
   * @param noise of the shape of {@code clean}
   * @param timesteps int64 [B], each in [0, trainTimesteps)
   * @return the noisy samples in the shape and dtype of {@code clean}, owned by the current scope
   */
  public Tensor addNoise(Tensor clean, Tensor noise, Tensor timesteps) {
    try (Scope scope = new Scope()) {
      Tensor alphaBar = gather(timesteps);
      Tensor signal = perSample(alphaBar.sqrt(), clean);
      Tensor deviation = perSample(torch.ones_like(alphaBar).sub(alphaBar).sqrt(), clean);
      return scope.keep(signal.mul(clean).add(deviation.mul(noise)));
    }
  }

  /**
   * The target of v-prediction: {@code sqrt(alphaBar) noise - sqrt(1 - alphaBar) clean}.
   *
   * @param clean [B, ...], floating point
   * @param noise of the shape of {@code clean}
   * @param timesteps int64 [B], each in [0, trainTimesteps)
   * @return the velocities in the shape and dtype of {@code clean}, owned by the current scope
   */
  public Tensor velocity(Tensor clean, Tensor noise, Tensor timesteps) {
    try (Scope scope = new Scope()) {
      Tensor alphaBar = gather(timesteps);
      Tensor signal = perSample(alphaBar.sqrt(), clean);
      Tensor deviation = perSample(torch.ones_like(alphaBar).sub(alphaBar).sqrt(), clean);
      return scope.keep(signal.mul(noise).sub(deviation.mul(clean)));
    }
  }

  private Tensor gather(Tensor timesteps) {
    return Device.of(timesteps).place(alphasCumprod().index_select(0, timesteps.cpu().to(ScalarType.Long)));
  }

  /** Shapes {@code factors}, [B], to multiply {@code samples}, [B, ...]; roots are taken before the cast to bf16. */
  private static Tensor perSample(Tensor factors, Tensor samples) {
    long[] shape = new long[(int) samples.dim()];
    Arrays.fill(shape, 1);
    shape[0] = factors.numel();
    return factors.reshape(shape).to(samples.device(), samples.scalar_type());
  }
}
