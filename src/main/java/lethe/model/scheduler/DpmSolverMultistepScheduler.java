package lethe.model.scheduler;

import java.util.Arrays;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * DPM-Solver++(2M), midpoint: Lu et al., "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic
 * Models", algorithm 2. Computes in float32 whatever the sample's dtype.
 */
public final class DpmSolverMultistepScheduler implements Scheduler {
  private static final int ORDER = 2;

  /** Below this number of steps diffusers lowers the order of the last one for stability. */
  private static final int FEW_STEPS = 15;

  private final NoiseSchedule schedule;
  private final SigmaLadder ladder;
  private final TimestepSpacing spacing;
  private final int stepsOffset;
  private final double leastLambda;
  private final boolean karrasSigmas;
  private final KarrasBounds bounds;
  private final boolean roundKarrasTimesteps;
  private final boolean lowerOrderFinal;
  private final boolean eulerAtFinal;
  private final double lastSigma;

  private final History cleanPredictions = new History(ORDER);
  private double[] timesteps = {};
  private float[] sigmas = {};

  /** A scheduler with the settings of {@code config}. */
  public DpmSolverMultistepScheduler(SchedulerConfig config) {
    this(config.settings(SchedulerClass.DPM_SOLVER_MULTISTEP));
  }

  DpmSolverMultistepScheduler(SchedulerSettings settings) {
    settings.onlyDefaults(
        "solver_order",
        "algorithm_type",
        "solver_type",
        "use_exponential_sigmas",
        "use_beta_sigmas",
        "use_lu_lambdas",
        "use_flow_sigmas",
        "variance_type");
    this.schedule = NoiseSchedule.of(settings);
    this.ladder = new SigmaLadder(schedule);
    this.spacing = TimestepSpacing.of(settings);
    this.stepsOffset = settings.integer("steps_offset");
    this.leastLambda = settings.number("lambda_min_clipped");
    this.karrasSigmas = settings.flag("use_karras_sigmas");
    this.bounds = KarrasBounds.of(settings);
    this.roundKarrasTimesteps = !settings.text("beta_schedule").equals("squaredcos_cap_v2");
    this.lowerOrderFinal = settings.flag("lower_order_final");
    this.eulerAtFinal = settings.flag("euler_at_final");
    this.lastSigma = ladder.last(settings);
  }

  @Override
  public void setTimesteps(int steps) {
    int trainTimesteps = schedule.trainTimesteps();
    TimestepSpacing.check(steps, trainTimesteps);
    close();
    double[] levels;
    if (karrasSigmas) {
      levels = bounds.karras(ladder.highest(), ladder.lowest(), steps);
      timesteps = Arrays.stream(ladder.timestepsOf(levels)).map(this::toTrainingTimestep).toArray();
    } else {
      timesteps = spacing.withoutLowest(steps, trainTimesteps, usedTimesteps(), stepsOffset);
      levels = ladder.at(timesteps);
    }
    TimestepSpacing.checkRange(timesteps, trainTimesteps);
    sigmas = SigmaLadder.endingIn(lastSigma, levels);
  }

  private double toTrainingTimestep(double timestep) {
    return roundKarrasTimesteps ? Math.rint(timestep) : Math.floor(timestep);
  }

  /** How many training timesteps have a lambda, half the log signal-to-noise ratio, that is not clipped. */
  private int usedTimesteps() {
    float[] ratios = schedule.sigmas();
    int used = ratios.length;
    while (used > 1 && -Math.log(ratios[used - 1]) < leastLambda) {
      used--;
    }
    return used;
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
    try (Scope scope = new Scope()) {
      boolean first = cleanPredictions.size() == 0;
      cleanPredictions.add(predictClean(modelOutput, sample, Level.of(sigmas[index])));
      Tensor current = Combination.toFloat32(sample);
      Tensor next = first || takesFirstOrder(index) ? stepFirstOrder(current, index) : stepSecondOrder(current, index);
      return scope.keep(next.to(modelOutput.scalar_type()));
    }
  }

  private boolean takesFirstOrder(int index) {
    return index == timesteps.length - 1
        && (eulerAtFinal || (lowerOrderFinal && timesteps.length < FEW_STEPS) || lastSigma == 0);
  }

  private Tensor predictClean(Tensor modelOutput, Tensor sample, Level level) {
    return switch (schedule.predictionType()) {
      case EPSILON ->
          Combination.divide(sample.sub(Combination.scale(level.sigma(), modelOutput)), level.alpha());
      case SAMPLE -> modelOutput;
      case V_PREDICTION -> Combination.of(level.alpha(), sample, -level.sigma(), modelOutput);
    };
  }

  private Tensor stepFirstOrder(Tensor sample, int index) {
    Level from = Level.of(sigmas[index]);
    Level to = Level.of(sigmas[index + 1]);
    float shrink = (float) Math.exp(-(to.lambda() - from.lambda())) - 1;
    return Combination.of(to.sigma() / from.sigma(), sample, -to.alpha() * shrink, cleanPredictions.get(0));
  }

  private Tensor stepSecondOrder(Tensor sample, int index) {
    Level before = Level.of(sigmas[index - 1]);
    Level from = Level.of(sigmas[index]);
    Level to = Level.of(sigmas[index + 1]);
    float h = to.lambda() - from.lambda();
    float ratio = (from.lambda() - before.lambda()) / h;
    float shrink = to.alpha() * ((float) Math.exp(-h) - 1);
    Tensor newest = cleanPredictions.get(0);
    Tensor slope = Combination.scale(1 / ratio, newest.sub(cleanPredictions.get(1)));
    return Combination.of(to.sigma() / from.sigma(), sample, -shrink, newest)
        .sub(Combination.scale(0.5f * shrink, slope));
  }

  @Override
  public void close() {
    cleanPredictions.close();
  }

  /** A variance-preserving noise level: {@code alpha clean + sigma noise}, with lambda = log(alpha / sigma). */
  private record Level(float alpha, float sigma, float lambda) {
    /** The level whose noise is {@code ratio} times its signal. */
    static Level of(float ratio) {
      float alpha = 1 / Combination.sqrt(ratio * ratio + 1);
      float sigma = ratio * alpha;
      return new Level(alpha, sigma, (float) Math.log(alpha) - (float) Math.log(sigma));
    }
  }
}
