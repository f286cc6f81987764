package lethe.bench;

import java.util.concurrent.TimeUnit;
import lethe.kernel.ComposedPgdStep;
import lethe.kernel.PgdMoments;
import lethe.kernel.PgdStep;
import lethe.kernel.PgdUpdate;
import lethe.kernel.PgdUpdate.Ball;
import lethe.kernel.PgdUpdate.Rule;
import lethe.kernel.Provider;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The fused attack step beside the composed one, on adversarial embeddings of Stable Diffusion 1.x (768 channels) and 2.x
 * (1024).
 *
 * <pre>mvn -q -Pbench test-compile exec:exec -Dbench=PgdStep</pre>
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class PgdStepBenchmark {
  /** Tokens x channels. */
  @Param({"1x768", "16x1024"})
  public String shape;

  /** AdvUnlearn's published attack; signed PGD in its usual ball; the L2 attack; and a step without a ball. */
  @Param({"ADAM-NONE", "SIGN-LINF", "L2-L2", "SIGN-NONE"})
  public String update;

  @Param({"native", "composed"})
  public String provider;

  private Scope scope;
  private PgdUpdate settings;
  private Tensor x;
  private Tensor gradient;
  private Tensor center;
  private PgdMoments moments;

  /** Makes the inputs, and refuses to time a kernel whose results do not match. */
  @Setup
  public void setUp() {
    scope = new Scope();
    torch.manual_seed(1);
    String[] sizes = shape.split("x");
    long[] dimensions = {Long.parseLong(sizes[0]), Long.parseLong(sizes[1])};
    String[] names = update.split("-");
    settings =
        PgdUpdate.of(Rule.valueOf(names[0]), 0.01).within(Ball.valueOf(names[1]), 0.1).clamped(-5, 5);
    x = torch.randn(dimensions);
    gradient = torch.randn(dimensions);
    center = x.clone();
    moments = PgdMoments.zerosLike(x);
    Work.perCall(0, bytes(), DType.F32);
    if (provider.equals("native")) {
      Provider.NATIVE.checked();
      check();
    }
  }

  @TearDown
  public void tearDown() {
    scope.close();
  }

  @Benchmark
  public Tensor step() {
    if (provider.equals("native")) {
      PgdStep.apply(x, gradient, center, moments, settings);
    } else {
      ComposedPgdStep.apply(x, gradient, center, moments, settings);
    }
    return x;
  }

  private void check() {
    try (Scope step = new Scope()) {
      Tensor exact = x.to(DType.F64.scalarType());
      ComposedPgdStep.apply(exact, gradient, exact.clone(), PgdMoments.zerosLike(exact), settings);
      Tensor composed = x.clone();
      ComposedPgdStep.apply(composed, gradient, center, PgdMoments.zerosLike(x), settings);
      Tensor ours = x.clone();
      PgdStep.apply(ours, gradient, center, PgdMoments.zerosLike(x), settings);
      Matching.check("x", ours, composed, exact);
    }
  }

  /** Reads the gradient, the center and the moments where there are any; reads and writes x; writes the moments. */
  private double bytes() {
    int tensors = 3 + (settings.rule().usesMoments() ? 4 : 0) + (settings.ball() != Ball.NONE ? 1 : 0);
    return 4.0 * tensors * x.numel();
  }
}
