package lethe.model.scheduler;

import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** Euler steps in sigma: Karras et al., algorithm 2, without churn. Computes in float32 whatever the sample's dtype. */
public final class EulerDiscreteScheduler implements Scheduler {
  private final KarrasRun run;
  private final KarrasBounds bounds;
  private final double lastSigma;

  /** A scheduler with the settings of {@code config}. */
  public EulerDiscreteScheduler(SchedulerConfig config) {
    this(config.settings(SchedulerClass.EULER));
  }

  EulerDiscreteScheduler(SchedulerSettings settings) {
    settings.onlyDefaults("interpolation_type", "timestep_type");
    this.run = new KarrasRun(settings, NoiseSchedule.of(settings));
    this.bounds = KarrasBounds.of(settings);
    this.lastSigma = run.ladder().last(settings);
  }

  @Override
  public void setTimesteps(int steps) {
    run.start(steps, bounds, lastSigma);
  }

  @Override
  public double[] timesteps() {
    return run.timesteps();
  }

  @Override
  public double initNoiseSigma() {
    return run.initNoiseSigma();
  }

  @Override
  public Tensor scaleModelInput(Tensor sample, int index) {
    try (Scope scope = new Scope()) {
      return scope.keep(run.scaleModelInput(sample, index));
    }
  }

  @Override
  public Tensor step(Tensor modelOutput, int index, Tensor sample) {
    try (Scope scope = new Scope()) {
      Tensor current = Combination.toFloat32(sample);
      Tensor derivative = run.derivative(modelOutput, current, index);
      float change = run.sigma(index + 1) - run.sigma(index);
      Tensor next = current.add(Combination.scale(change, derivative));
      return scope.keep(next.to(modelOutput.scalar_type()));
    }
  }

  @Override
  public void close() {}
}
