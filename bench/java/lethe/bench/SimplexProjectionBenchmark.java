package lethe.bench;

import java.util.concurrent.TimeUnit;
import lethe.kernel.ComposedSimplexProjection;
import lethe.kernel.Provider;
import lethe.kernel.SimplexProjection;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
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
 * The exact projection beside the published bisection, on the distributions of UnlearnDiffAtk (arXiv 2310.11868) over
 * CLIP's 49,408 tokens, after one step of its optimiser: uniform, and every element up or down by the learning rate, 0.01.
 *
 * <pre>mvn -q -Pbench test-compile exec:exec -Dbench=SimplexProjection</pre>
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SimplexProjectionBenchmark {
  /** Rows x vocabulary. */
  @Param({"5x49408", "3x49408"})
  public String shape;

  @Param({"fp32", "bf16"})
  public String dtype;

  @Param({"native", "composed"})
  public String provider;

  private Scope scope;
  private Tensor x;

  /** Makes the rows, and refuses to time a kernel whose results do not match. */
  @Setup
  public void setUp() {
    scope = new Scope();
    torch.manual_seed(1);
    String[] sizes = shape.split("x");
    long rows = Long.parseLong(sizes[0]);
    long columns = Long.parseLong(sizes[1]);
    DType type = dtype.equals("fp32") ? DType.F32 : DType.BF16;
    Tensor step = torch.rand(rows, columns).sub(new Scalar(0.5)).sign().mul(new Scalar(0.01));
    Tensor noise = torch.randn(rows, columns).mul(new Scalar(1e-4));
    x = step.add(noise).add(new Scalar(1.0 / columns)).to(type.scalarType());
    Work.perCall(0, 2.0 * rows * columns * type.bytes(), type);
    if (provider.equals("native")) {
      Provider.NATIVE.checked();
      try (Scope check = new Scope()) {
        Matching.check("projection", SimplexProjection.project(x), ComposedSimplexProjection.project(x), bySorting());
      }
    }
  }

  @TearDown
  public void tearDown() {
    scope.close();
  }

  @Benchmark
  public float project() {
    try (Scope step = new Scope()) {
      Tensor projected =
          provider.equals("native") ? SimplexProjection.project(x) : ComposedSimplexProjection.project(x);
      return projected.select(0, 0).select(0, 0).item_float();
    }
  }

  private Tensor bySorting() {
    Tensor wide = x.to(DType.F64.scalarType());
    Tensor sorted = torch.sort(wide, 1, true).get0();
    Tensor lengths = torch.arange(new Scalar(1), new Scalar(x.size(1) + 1), DType.F64.options());
    Tensor thresholds = sorted.cumsum(1).sub(new Scalar(1)).div(lengths);
    Tensor last = sorted.gt(thresholds).sum(new long[] {1}).sub(new Scalar(1)).unsqueeze(1);
    return torch.relu(wide.sub(thresholds.gather(1, last)));
  }
}
