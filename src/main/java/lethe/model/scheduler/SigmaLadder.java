package lethe.model.scheduler;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Noise levels as Karras et al. write them ("Elucidating the Design Space of Diffusion-Based Generative Models"): the
 * noise's standard deviation sigma beside a clean sample of unscaled size, between and across training timesteps.
 */
final class SigmaLadder {
  /** Curvature of the Karras spacing, equation (5). */
  private static final double RHO = 7;

  private final float[] sigmas;
  private final float[] logSigmas;

  SigmaLadder(NoiseSchedule schedule) {
    this.sigmas = schedule.sigmas();
    this.logSigmas = new float[sigmas.length];
    for (int t = 0; t < sigmas.length; t++) {
      logSigmas[t] = (float) Math.log(sigmas[t]);
    }
  }

  double lowest() {
    return sigmas[0];
  }

  double highest() {
    return sigmas[sigmas.length - 1];
  }

  /** The sigmas at {@code timesteps}, linear between the training timesteps. */
  double[] at(double[] timesteps) {
    return Arrays.stream(timesteps).map(this::at).toArray();
  }

  private double at(double timestep) {
    int below = (int) Math.min(Math.max(timestep, 0), sigmas.length - 1);
    if (below == sigmas.length - 1) {
      return sigmas[below];
    }
    return ((double) sigmas[below + 1] - sigmas[below]) * (timestep - below) + sigmas[below];
  }

  /** The timesteps that have {@code sigmas}, linear between the logarithms of the training timesteps' sigmas. */
  double[] timestepsOf(double[] sigmas) {
    return Arrays.stream(sigmas).map(this::timestepOf).toArray();
  }

  private double timestepOf(double sigma) {
    double logSigma = Math.log(Math.max(sigma, 1e-10));
    int low = 0;
    while (low < logSigmas.length - 2 && logSigmas[low + 1] <= logSigma) {
      low++;
    }
    double weight = (logSigmas[low] - logSigma) / (logSigmas[low] - logSigmas[low + 1]);
    weight = Math.min(Math.max(weight, 0), 1);
    return (1 - weight) * low + weight * (low + 1);
  }

  /** {@code count} sigmas from {@code highest} down to {@code lowest}, evenly spaced in their 1/rho-th power. */
  static double[] karras(double highest, double lowest, int count) {
    double from = Math.pow(highest, 1 / RHO);
    double to = Math.pow(lowest, 1 / RHO);
    return IntStream.range(0, count)
        .mapToDouble(i -> Math.pow(from + TimestepSpacing.linspace(0, 1, count, i) * (to - from), RHO))
        .toArray();
  }

  /** Rounds a run's {@code sigmas} to float32 and adds the level {@code last} that the run ends on. */
  static float[] endingIn(double last, double[] sigmas) {
    float[] rounded = new float[sigmas.length + 1];
    for (int i = 0; i < sigmas.length; i++) {
      rounded[i] = (float) sigmas[i];
    }
    rounded[sigmas.length] = (float) last;
    return rounded;
  }

  /** Where a run ends: on a clean sample, or on the noise of timestep 0. */
  double last(SchedulerSettings settings) {
    return switch (settings.text("final_sigmas_type")) {
      case "zero" -> 0;
      case "sigma_min" -> lowest();
      default -> throw settings.wrong("final_sigmas_type", "one of zero, sigma_min");
    };
  }
}
