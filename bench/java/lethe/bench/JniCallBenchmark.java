package lethe.bench;

import java.util.concurrent.TimeUnit;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a step over the border between Java and native code costs, apart from what is done behind it.
 *
 * <pre>./lethe bench --filter JniCall</pre>
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class JniCallBenchmark {
  private Scope scope;
  private Tensor tensor;

  @Setup
  public void setUp() {
    scope = new Scope();
    tensor = torch.zeros(1);
  }

  @TearDown
  public void tearDown() {
    scope.close();
  }

  /** A call that takes nothing and returns a number. */
  @Benchmark
  public int number() {
    return torch.get_num_threads();
  }

  /** A call that takes and returns a tensor, which is freed at once. */
  @Benchmark
  public boolean tensor() {
    try (Tensor alias = tensor.detach()) {
      return alias.isNull();
    }
  }

  /** The same inside a scope of its own, which frees it. */
  @Benchmark
  public boolean tensorInScope() {
    try (Scope step = new Scope()) {
      return tensor.detach().isNull();
    }
  }
}
