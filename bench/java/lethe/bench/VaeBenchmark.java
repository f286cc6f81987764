package lethe.bench;

import java.util.concurrent.TimeUnit;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
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
 * The VAE on one image of the size that the model was trained on.
 *
 * <pre>./lethe bench --filter Vae</pre>
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class VaeBenchmark {
  @Param({"tiny", "sd-1.4"})
  public String model;

  private Scope scope;
  private BenchedModel benched;
  private Tensor image;
  private Tensor latents;

  @Setup
  public void setUp() {
    scope = new Scope();
    benched = BenchedModel.load(model);
    image = benched.image();
    latents = benched.latents();
  }

  @TearDown
  public void tearDown() {
    benched.close();
    scope.close();
  }

  @Benchmark
  public float encode() {
    try (Scope step = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      return benched.model().vae().encode(image).mean().data_ptr_float().get();
    }
  }

  @Benchmark
  public float decode() {
    try (Scope step = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      return benched.model().vae().decode(latents).data_ptr_float().get();
    }
  }
}
