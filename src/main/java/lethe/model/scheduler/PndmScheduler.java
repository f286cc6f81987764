package lethe.model.scheduler;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import lethe.error.UserException;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * Liu et al., "Pseudo Numerical Methods for Diffusion Models on Manifolds": linear multistep (PLMS), started either by
 * Runge-Kutta steps (PRK, three steps of four model calls each) or, as Stable Diffusion does, by one second-order step.
 */
public final class PndmScheduler implements Scheduler {
  private static final int RUNGE_KUTTA_CALLS = 4;
  private static final int ORDER = 4;

  private final NoiseSchedule schedule;
  private final TimestepSpacing spacing;
  private final int stepsOffset;
  private final float finalAlphaCumprod;
  private final boolean skipRungeKutta;

  private final History outputs = new History(ORDER);
  private final History heldSample = new History(1);
  private final History rungeKuttaSum = new History(1);
  private double[] timesteps = {};
  private int rungeKuttaCalls;
  private int stride;
  private int calls;

  /** A scheduler with the settings of {@code config}. */
  public PndmScheduler(SchedulerConfig config) {
    this(config.settings(SchedulerClass.PNDM));
  }

  PndmScheduler(SchedulerSettings settings) {
    this.schedule = NoiseSchedule.of(settings);
    if (schedule.predictionType() == PredictionType.SAMPLE) {
      throw settings.wrong("prediction_type", "one of epsilon, v_prediction");
    }
    this.spacing = TimestepSpacing.of(settings);
    this.stepsOffset = settings.integer("steps_offset");
    this.finalAlphaCumprod = settings.flag("set_alpha_to_one") ? 1 : schedule.alphaCumprod(0);
    this.skipRungeKutta = settings.flag("skip_prk_steps");
  }

  @Override
  public void setTimesteps(int steps) {
    int trainTimesteps = schedule.trainTimesteps();
    TimestepSpacing.check(steps, trainTimesteps);
    close();
    stride = trainTimesteps / steps;
    double[] spaced = spacing.integers(steps, trainTimesteps, stepsOffset);
    timesteps = skipRungeKutta ? repeatSecond(spaced) : startWithRungeKutta(spaced);
    TimestepSpacing.checkRange(timesteps, trainTimesteps);
  }

  /** The second timestep comes twice: the first step is retaken with the mean of the predictions at its two ends. */
  private double[] repeatSecond(double[] spaced) {
    rungeKuttaCalls = 0;
    return spaced.length == 1
        ? spaced
        : DoubleStream.concat(DoubleStream.of(spaced[0], spaced[1]), DoubleStream.of(spaced).skip(1)).toArray();
  }

  /** From t to the next s: calls at t, twice at the middle, and at s. */
  private double[] startWithRungeKutta(double[] spaced) {
    if (spaced.length < ORDER) {
      throw UserException.usage(
          "PNDM needs at least " + ORDER + " steps to start by Runge-Kutta, got " + spaced.length
              + "; take more steps or set skip_prk_steps in " + SchedulerConfig.FILE);
    }
    rungeKuttaCalls = RUNGE_KUTTA_CALLS * (ORDER - 1);
    DoubleStream start =
        IntStream.range(0, ORDER - 1)
            .mapToObj(i -> DoubleStream.of(spaced[i], middle(spaced[i + 1]), middle(spaced[i + 1]), spaced[i + 1]))
            .flatMapToDouble(points -> points);
    return DoubleStream.concat(start, DoubleStream.of(spaced).skip(ORDER - 1)).toArray();
  }

  private double middle(double lower) {
    return lower + stride / 2;
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
      int timestep = (int) timesteps[index];
      Tensor next =
          calls < rungeKuttaCalls
              ? stepRungeKutta(modelOutput, timestep, sample)
              : stepLinearMultistep(modelOutput, timestep, sample);
      calls++;
      return scope.keep(next);
    }
  }

  private Tensor stepRungeKutta(Tensor modelOutput, int timestep, Tensor sample) {
    int stage = calls % RUNGE_KUTTA_CALLS;
    int start = (int) timesteps[calls - stage];
    int target = stage % 2 == 0 ? timestep - stride / 2 : timestep;
    if (stage == 0) {
      outputs.add(modelOutput);
      heldSample.add(sample);
      rungeKuttaSum.add(Combination.scale(1f / 6, modelOutput));
      return transfer(sample, start, target, modelOutput);
    }
    float weight = stage == RUNGE_KUTTA_CALLS - 1 ? 1f / 6 : 1f / 3;
    rungeKuttaSum.add(rungeKuttaSum.get(0).add(Combination.scale(weight, modelOutput)));
    Tensor slope = stage == RUNGE_KUTTA_CALLS - 1 ? rungeKuttaSum.get(0) : modelOutput;
    return transfer(heldSample.get(0), start, target, slope);
  }

  private Tensor stepLinearMultistep(Tensor modelOutput, int timestep, Tensor sample) {
    if (calls == 1) {
      Tensor mean = Combination.divide(modelOutput.add(outputs.get(0)), 2);
      Tensor next = transfer(heldSample.get(0), timestep + stride, timestep, mean);
      heldSample.close();
      return next;
    }
    if (calls == 0) {
      heldSample.add(sample);
    }
    outputs.add(modelOutput);
    return transfer(sample, timestep, timestep - stride, extrapolate());
  }

  /** Adams-Bashforth over the remembered predictions, of the order that there are enough of. */
  private Tensor extrapolate() {
    Tensor newest = outputs.get(0);
    return switch (outputs.size()) {
      case 1 -> newest;
      case 2 -> Combination.divide(Combination.of(3, newest, -1, outputs.get(1)), 2);
      case 3 ->
          Combination.divide(
              Combination.of(23, newest, -16, outputs.get(1)).add(Combination.scale(5, outputs.get(2))), 12);
      default ->
          Combination.scale(
              1f / 24,
              Combination.of(55, newest, -59, outputs.get(1))
                  .add(Combination.of(37, outputs.get(2), -9, outputs.get(3))));
    };
  }

  /** Formula (9) of the paper: moves {@code sample} from {@code timestep} to {@code target}. */
  private Tensor transfer(Tensor sample, int timestep, int target, Tensor modelOutput) {
    float alpha = schedule.alphaCumprod(timestep);
    float alphaTarget = target >= 0 ? schedule.alphaCumprod(target) : finalAlphaCumprod;
    float beta = 1 - alpha;
    float betaTarget = 1 - alphaTarget;
    Tensor epsilon =
        schedule.predictionType() == PredictionType.V_PREDICTION
            ? Combination.of(Combination.sqrt(alpha), modelOutput, Combination.sqrt(beta), sample)
            : modelOutput;
    float denominator =
        alpha * Combination.sqrt(betaTarget) + Combination.sqrt(alpha * beta * alphaTarget);
    return Combination.of(
        Combination.sqrt(alphaTarget / alpha), sample, -(alphaTarget - alpha) / denominator, epsilon);
  }

  @Override
  public void close() {
    outputs.close();
    heldSample.close();
    rungeKuttaSum.close();
    calls = 0;
  }
}
