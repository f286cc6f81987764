package lethe.model.scheduler;

import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** Linear multistep in sigma, of order 4 as far as there are earlier steps (Katherine Crowson's k-diffusion). */
public final class LmsDiscreteScheduler implements Scheduler {
  private static final int ORDER = 4;

  private final KarrasRun run;
  private final History derivatives = new History(ORDER);

  /** A scheduler with the settings of {@code config}. */
  public LmsDiscreteScheduler(SchedulerConfig config) {
    this(config.settings(SchedulerClass.LMS));
  }

  LmsDiscreteScheduler(SchedulerSettings settings) {
    this.run = new KarrasRun(settings, NoiseSchedule.of(settings));
  }

  @Override
  public void setTimesteps(int steps) {
    close();
    run.start(steps, KarrasBounds.NONE, 0);
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
      derivatives.add(run.derivative(modelOutput, sample, index));
      Tensor next = sample;
      for (int age = 0; age < derivatives.size(); age++) {
        float weight = (float) weight(index, age, derivatives.size());
        next = next.add(Combination.scale(weight, derivatives.get(age)));
      }
      return scope.keep(next);
    }
  }

  /**
   * The integral, over the step from {@code index}, of the Lagrange polynomial that is 1 at the derivative {@code age}
   * steps back and 0 at the other {@code order - 1}.
   *
   * <p>diffusers integrates adaptively to a relative error of 1e-4. The polynomial's degree is at most 3, so two
   * Gauss-Legendre nodes are exact.
   */
  private double weight(int index, int age, int order) {
    double middle = (run.sigma(index + 1) + (double) run.sigma(index)) / 2;
    double half = (run.sigma(index + 1) - (double) run.sigma(index)) / 2;
    double node = half / Math.sqrt(3);
    return half * (lagrange(middle - node, index, age, order) + lagrange(middle + node, index, age, order));
  }

  private double lagrange(double sigma, int index, int age, int order) {
    double at = run.sigma(index - age);
    double product = 1;
    for (int other = 0; other < order; other++) {
      if (other != age) {
        product *= (sigma - run.sigma(index - other)) / (at - run.sigma(index - other));
      }
    }
    return product;
  }

  @Override
  public void close() {
    derivatives.close();
  }
}
