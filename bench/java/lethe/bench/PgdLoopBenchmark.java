package lethe.bench;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import lethe.kernel.LossAndGradient;
import lethe.kernel.PgdLoop;
import lethe.kernel.PgdUpdate;
import lethe.kernel.PgdUpdate.Ball;
import lethe.kernel.PgdUpdate.Rule;
import lethe.kernel.Provider;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the attack's loop costs per step beyond its loss and gradient: the callback returns at once, with the gradient that
 * its first call left behind. The way into Java and back, the update, the gradient's norm, the best iterate (which every step finds)
 * and the records are in the time; a loop has 1000 steps, so its own beginning and end hardly are.
 *
 * <pre>mvn -q -Pbench test-compile exec:exec -Dbench=PgdLoop</pre>
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class PgdLoopBenchmark {
  private static final int STEPS = 1000;

  /** Tokens x channels. */
  @Param({"1x768", "16x1024"})
  public String shape;

  /** AdvUnlearn's published attack, and signed PGD. */
  @Param({"ADAM-NONE", "SIGN-LINF"})
  public String update;

  @Param({"native", "composed"})
  public String provider;

  private Scope scope;
  private PgdLoop loop;
  private PgdLoop.Settings settings;
  private Tensor x;

  /** Makes the inputs, and refuses to time a loop whose iterates do not match the composed one's. */
  @Setup
  public void setUp() {
    scope = new Scope();
    torch.manual_seed(1);
    String[] sizes = shape.split("x");
    x = torch.zeros(Long.parseLong(sizes[0]), Long.parseLong(sizes[1]));
    String[] names = update.split("-");
    PgdUpdate rule = PgdUpdate.of(Rule.valueOf(names[0]), 1e-3).within(Ball.valueOf(names[1]), 0.1);
    settings = PgdLoop.Settings.of(rule, STEPS);
    loop = PgdLoop.of(Provider.valueOf(provider.toUpperCase(Locale.ROOT)).checked());
    check(rule);
  }

  @TearDown
  public void tearDown() {
    scope.close();
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public int step() {
    try (Scope run = new Scope()) {
      return loop.run(x, null, settings, PgdLoopBenchmark::nothing, () -> false).bestStep();
    }
  }

  private static double nothing(int step, Tensor iterate, Tensor gradient) {
    if (step == 0) {
      gradient.copy_(torch.randn_like(gradient));
    }
    return -step;
  }

  private void check(PgdUpdate rule) {
    try (Scope run = new Scope()) {
      Tensor target = torch.randn_like(x);
      LossAndGradient distance =
          (step, iterate, gradient) -> {
            gradient.copy_(iterate.sub(target));
            return gradient.square().sum().item_double();
          };
      PgdLoop.Settings few = PgdLoop.Settings.of(rule, 30);
      Tensor ours = x.clone();
      loop.run(ours, null, few, distance, () -> false);
      Tensor composed = x.clone();
      PgdLoop.of(Provider.COMPOSED).run(composed, null, few, distance, () -> false);
      double error = ours.sub(composed).norm().item_double() / composed.norm().item_double();
      if (!(error < 1e-5)) {
        throw new IllegalStateException("the loop does not match: relative error " + error);
      }
    }
  }
}
