package lethe.model.scheduler;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import lethe.error.UserException;

/**
 * Where the steps of a run lie among the training timesteps: table 2 of Lin et al., "Common Diffusion Noise Schedules
 * and Sample Steps are Flawed". Rounds half to even, as numpy does.
 */
enum TimestepSpacing {
  LEADING("leading"),
  TRAILING("trailing"),
  LINSPACE("linspace");

  static final String KEY = "timestep_spacing";

  private final String configName;

  TimestepSpacing(String configName) {
    this.configName = configName;
  }

  static TimestepSpacing of(SchedulerSettings settings) {
    return settings.choice(KEY, values(), spacing -> spacing.configName);
  }

  /** Refuses step counts that no spacing can serve. */
  static void check(int steps, int trainTimesteps) {
    if (steps < 1 || steps > trainTimesteps) {
      throw UserException.usage(
          "the number of steps must be between 1 and the model's " + trainTimesteps + " training timesteps, got "
              + steps);
    }
  }

  /** Refuses timesteps that the model was not trained on, which a steps_offset can lead to. */
  static void checkRange(double[] timesteps, int trainTimesteps) {
    for (double timestep : timesteps) {
      if (timestep < 0 || timestep > trainTimesteps - 1) {
        throw UserException.usage(
            "this many steps would reach timestep " + (int) timestep + ", beyond the model's "
                + (trainTimesteps - 1) + " (" + SchedulerConfig.FILE + ": steps_offset); take fewer steps");
      }
    }
  }

  /** {@code steps} whole timesteps, descending. */
  double[] integers(int steps, int trainTimesteps, int offset) {
    return switch (this) {
      case LEADING -> leading(steps, trainTimesteps / steps, offset);
      case TRAILING -> trailing(steps, trainTimesteps, (double) trainTimesteps / steps);
      case LINSPACE -> descending(steps, i -> Math.rint(linspace(0, trainTimesteps - 1, steps, i)));
    };
  }

  /** {@code steps} timesteps, descending, float32; {@link #LINSPACE} places them between the integers. */
  double[] fractional(int steps, int trainTimesteps, int offset) {
    return this == LINSPACE
        ? descending(steps, i -> (float) linspace(0, trainTimesteps - 1, steps, i))
        : integers(steps, trainTimesteps, offset);
  }

  /**
   * {@code steps} whole timesteps, descending, that leave out the lowest of {@code steps + 1}: DPM-Solver's spacing.
   *
   * @param lastTimestep one more than the highest timestep to use
   */
  double[] withoutLowest(int steps, int trainTimesteps, int lastTimestep, int offset) {
    return switch (this) {
      case LEADING -> {
        int ratio = lastTimestep / (steps + 1);
        yield leading(steps, ratio, offset + ratio);
      }
      case TRAILING -> trailing(steps, lastTimestep, (double) trainTimesteps / steps);
      case LINSPACE -> descending(steps, i -> Math.rint(linspace(0, lastTimestep - 1, steps + 1, i + 1)));
    };
  }

  /** Element {@code i} of numpy's {@code linspace(start, stop, count)}, to the last bit. */
  static double linspace(double start, double stop, int count, int i) {
    if (i == 0) {
      return start;
    }
    return i == count - 1 ? stop : i * ((stop - start) / (count - 1)) + start;
  }

  private static double[] leading(int steps, int ratio, int offset) {
    return descending(steps, i -> (double) i * ratio + offset);
  }

  private static double[] trailing(int steps, int end, double ratio) {
    // numpy's arange adds up the difference of its first two elements, not the ratio it was given. It also rounds its
    // length up, so that diffusers walks on to timestep -1 for some counts (61, 103, ...); we stop at `steps`.
    double difference = end - (end - ratio);
    return IntStream.range(0, steps).mapToDouble(i -> Math.rint(end - i * difference) - 1).toArray();
  }

  private static double[] descending(int steps, IntToDoubleFunction ascending) {
    return IntStream.range(0, steps).mapToDouble(i -> ascending.applyAsDouble(steps - 1 - i)).toArray();
  }
}
