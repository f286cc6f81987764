package lethe.model.scheduler;

import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Song, Meng and Ermon, "Denoising Diffusion Implicit Models", formulas (12) and (16). */
public final class DdimScheduler implements Scheduler {
  private final NoiseSchedule schedule;
  private final TimestepSpacing spacing;
  private final int stepsOffset;
  private final float finalAlphaCumprod;
  private final boolean clipSample;
  private final double clipSampleRange;
  private final float eta;
  private final Generator generator;

  private int stride;
  private double[] timesteps = {};

  /** The deterministic sampler (eta 0). */
  public DdimScheduler(SchedulerConfig config) {
    this(config, 0, null);
  }

  /**
   * A sampler that adds fresh noise at every step.
   *
   * @param eta share of DDPM's noise, in [0, 1]
   * @param generator source of the noise, on the CPU, not owned; null for LibTorch's default generator
   */
  public DdimScheduler(SchedulerConfig config, double eta, Generator generator) {
    this(config.settings(SchedulerClass.DDIM), eta, generator);
  }

  DdimScheduler(SchedulerSettings settings) {
    this(settings, 0, null);
  }

  private DdimScheduler(SchedulerSettings settings, double eta, Generator generator) {
    if (eta < 0 || eta > 1) {
      throw new IllegalArgumentException("eta must be between 0 and 1, got " + eta);
    }
    this.schedule = NoiseSchedule.of(settings);
    this.spacing = TimestepSpacing.of(settings);
    this.stepsOffset = settings.integer("steps_offset");
    this.finalAlphaCumprod = settings.flag("set_alpha_to_one") ? 1 : schedule.alphaCumprod(0);
    this.clipSample = settings.flag("clip_sample");
    this.clipSampleRange = settings.number("clip_sample_range");
    this.eta = (float) eta;
    this.generator = generator;
  }

  @Override
  public void setTimesteps(int steps) {
    int trainTimesteps = schedule.trainTimesteps();
    TimestepSpacing.check(steps, trainTimesteps);
    timesteps = spacing.integers(steps, trainTimesteps, stepsOffset);
    TimestepSpacing.checkRange(timesteps, trainTimesteps);
    stride = trainTimesteps / steps;
  }

  @Override
  public double[] timesteps() {
    return timesteps.clone();
  }

  @Override
  public double initNoiseSigma() {
    return 1;
  }

  @Override
  public Tensor scaleModelInput(Tensor sample, int index) {
    return sample;
  }

  @Override
  public Tensor step(Tensor modelOutput, int index, Tensor sample) {
    int timestep = (int) timesteps[index];
    int previous = timestep - stride;
    float alpha = schedule.alphaCumprod(timestep);
    float alphaPrevious = previous >= 0 ? schedule.alphaCumprod(previous) : finalAlphaCumprod;
    // sigma_t(eta) of formula (16)
    float variance = ((1 - alphaPrevious) / (1 - alpha)) * (1 - alpha / alphaPrevious);
    float deviation = eta * Combination.sqrt(variance);
    float signal = Combination.sqrt(alpha);
    float noise = Combination.sqrt(1 - alpha);

    try (Scope scope = new Scope()) {
      Tensor clean = clip(predictClean(modelOutput, sample, signal, noise));
      Tensor epsilon = predictNoise(modelOutput, sample, signal, noise);
      float direction = Combination.sqrt(1 - alphaPrevious - deviation * deviation);
      Tensor next = Combination.of(Combination.sqrt(alphaPrevious), clean, direction, epsilon);
      if (eta > 0) {
        next = next.add(Combination.scale(deviation, freshNoise(modelOutput)));
      }
      return scope.keep(next);
    }
  }

  private Tensor predictClean(Tensor modelOutput, Tensor sample, float signal, float noise) {
    return switch (schedule.predictionType()) {
      case EPSILON -> Combination.divide(sample.sub(Combination.scale(noise, modelOutput)), signal);
      case SAMPLE -> modelOutput;
      case V_PREDICTION -> Combination.of(signal, sample, -noise, modelOutput);
    };
  }

  private Tensor predictNoise(Tensor modelOutput, Tensor sample, float signal, float noise) {
    return switch (schedule.predictionType()) {
      case EPSILON -> modelOutput;
      case SAMPLE -> Combination.divide(sample.sub(Combination.scale(signal, modelOutput)), noise);
      case V_PREDICTION -> Combination.of(signal, modelOutput, noise, sample);
    };
  }

  private Tensor clip(Tensor clean) {
    if (!clipSample) {
      return clean;
    }
    return clean.clamp(
        new ScalarOptional(new Scalar(-clipSampleRange)), new ScalarOptional(new Scalar(clipSampleRange)));
  }

  private Tensor freshNoise(Tensor like) {
    GeneratorOptional source = generator == null ? new GeneratorOptional() : new GeneratorOptional(generator);
    return Device.of(like).place(torch.randn(like.sizes(), source, DType.of(like.scalar_type()).options()));
  }

  @Override
  public void close() {}
}
