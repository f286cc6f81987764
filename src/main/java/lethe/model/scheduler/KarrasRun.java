package lethe.model.scheduler;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * Timesteps and noise levels of one run of a scheduler that works on unscaled samples, {@code clean + sigma noise}, as
 * Euler and LMS do.
 */
final class KarrasRun {
  private final NoiseSchedule schedule;
  private final SigmaLadder ladder;
  private final TimestepSpacing spacing;
  private final int stepsOffset;
  private final boolean karrasSigmas;

  private double[] timesteps = {};
  private float[] sigmas = {};

  KarrasRun(SchedulerSettings settings, NoiseSchedule schedule) {
    settings.onlyDefaults("use_exponential_sigmas", "use_beta_sigmas");
    this.schedule = schedule;
    this.ladder = new SigmaLadder(schedule);
    this.spacing = TimestepSpacing.of(settings);
    this.stepsOffset = settings.integer("steps_offset");
    this.karrasSigmas = settings.flag("use_karras_sigmas");
  }

  SigmaLadder ladder() {
    return ladder;
  }

  /**
   * Cuts the schedule into {@code steps} steps.
   *
   * @param bounds the Karras spacing's lowest and highest sigma where the config sets them
   * @param last the sigma that the run ends on
   */
  void start(int steps, KarrasBounds bounds, double last) {
    int trainTimesteps = schedule.trainTimesteps();
    TimestepSpacing.check(steps, trainTimesteps);
    timesteps = spacing.fractional(steps, trainTimesteps, stepsOffset);
    TimestepSpacing.checkRange(timesteps, trainTimesteps);
    double[] levels = ladder.at(timesteps);
    if (karrasSigmas) {
      levels = bounds.karras(levels[0], levels[steps - 1], steps);
      timesteps = Arrays.stream(ladder.timestepsOf(levels)).map(t -> (float) t).toArray();
    }
    sigmas = SigmaLadder.endingIn(last, levels);
  }

  double[] timesteps() {
    return timesteps.clone();
  }

  /** The noise level at position {@code index}; one position past the last timestep is where the run ends. */
  float sigma(int index) {
    return sigmas[index];
  }

  /** Standard deviation of the starting noise; with leading spacing the clean sample's variance counts as 1. */
  double initNoiseSigma() {
    float highest = sigmas[0];
    for (float sigma : sigmas) {
      highest = Math.max(highest, sigma);
    }
    return spacing == TimestepSpacing.LEADING ? Combination.sqrt(highest * highest + 1) : highest;
  }

  /** Scales an unscaled sample to the unit variance that the model expects. */
  Tensor scaleModelInput(Tensor sample, int index) {
    float sigma = sigmas[index];
    return Combination.divide(sample, Combination.sqrt(sigma * sigma + 1));
  }

  /** The clean sample that {@code modelOutput} implies. */
  Tensor predictClean(Tensor modelOutput, Tensor sample, int index) {
    float sigma = sigmas[index];
    float variance = sigma * sigma + 1;
    return switch (schedule.predictionType()) {
      case EPSILON -> sample.sub(Combination.scale(sigma, modelOutput));
      case SAMPLE -> modelOutput;
      case V_PREDICTION ->
          Combination.scale(-sigma / Combination.sqrt(variance), modelOutput)
              .add(Combination.divide(sample, variance));
    };
  }

  /** d sample / d sigma: equation (1) of Karras et al. */
  Tensor derivative(Tensor modelOutput, Tensor sample, int index) {
    return Combination.divide(sample.sub(predictClean(modelOutput, sample, index)), sigmas[index]);
  }
}
