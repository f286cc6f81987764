package lethe.erase.advunlearn.latents;

import java.util.stream.IntStream;
import lethe.model.scheduler.NoiseSchedule;

/**
 * The timesteps of AdvUnlearn's sampler: those of CompVis's DDIMSampler (latent-diffusion, "uniform" spacing) without
 * the noisiest, which its authors drop.
 *
 * <p>Not the grid of {@link lethe.model.scheduler.DdimScheduler}: it is {@code range(0, 1000, 1000 / ddimSteps) + 1},
 * and the step that ends it leads to alpha-bar of timestep 0, not of none. For 50 steps it has 49.
 *
 * <p>A <em>stop</em> (published: t_enc) is where a run is interrupted. Latents of stop s belong to training timesteps
 * {@code [1000 s / ddimSteps, 1000 (s + 1) / ddimSteps)}. Stop {@code ddimSteps - 1} comes after the first steps; stops
 * 1 and 0 both after the last.
 */
public final class DdimGrid {
  private final NoiseSchedule schedule;
  private final int ddimSteps;
  private final int[] timesteps; // rising

  /** @throws IllegalArgumentException if {@code ddimSteps} is not between 1 and the number of training timesteps */
  public DdimGrid(NoiseSchedule schedule, int ddimSteps) {
    int trained = schedule.trainTimesteps();
    if (ddimSteps < 1 || ddimSteps > trained) {
      throw new IllegalArgumentException("DDIM steps must be between 1 and " + trained + ", got " + ddimSteps);
    }
    this.schedule = schedule;
    this.ddimSteps = ddimSteps;
    int stride = trained / ddimSteps;
    int published = (trained + stride - 1) / stride;
    timesteps = IntStream.range(0, published - 1).map(i -> i * stride + 1).toArray();
  }

  /** Number of stops; they are 0 to this minus 1. */
  public int stops() {
    return ddimSteps;
  }

  /** Number of steps from pure noise to stop 0. */
  public int steps() {
    return timesteps.length;
  }

  /** Number of steps from pure noise to {@code stop}. */
  public int stepsUntil(int stop) {
    return timesteps.length + 1 - Math.max(stop, 1);
  }

  /** The smallest training timestep that belongs to {@code stop}; of {@link #stops()}, the end of the last stop's. */
  public int firstTimestep(int stop) {
    // Python's round: halves to even.
    return (int) Math.rint((double) stop / ddimSteps * schedule.trainTimesteps());
  }

  /** Timestep of step {@code index}, counted from the noisiest, 0. */
  int timestep(int index) {
    return timesteps[timesteps.length - 1 - index];
  }

  /** Alpha-bar where step {@code index} starts. */
  float alpha(int index) {
    return schedule.alphaCumprod(timestep(index));
  }

  /** Alpha-bar where step {@code index} leads. */
  float alphaNext(int index) {
    return index + 1 < timesteps.length ? alpha(index + 1) : schedule.alphaCumprod(0);
  }

  NoiseSchedule schedule() {
    return schedule;
  }
}
