package lethe.bench;

import java.util.concurrent.TimeUnit;
import lethe.erase.forgetmenot.AttentionResteering;
import lethe.erase.forgetmenot.ForgetMeNotSettings;
import lethe.kernel.Provider;
import lethe.tensor.Scope;
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
 * One step of attention resteering: forward and backward pass, clipped gradients, AdamW over the whole UNet.
 *
 * <pre>./lethe bench --filter ForgetMeNot</pre>
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ForgetMeNotBenchmark {
  @Param({"tiny", "sd-1.4"})
  public String model;

  private Scope scope;
  private BenchedModel benched;
  private AttentionResteering resteering;
  private Tensor latents;
  private Tensor timestep;
  private Tensor context;
  private Tensor columns;

  @Setup
  public void setUp() {
    scope = new Scope();
    benched = BenchedModel.load(model);
    latents = benched.latents();
    timestep = benched.timestep();
    context = benched.context();
    columns = benched.columns();
    resteering = new AttentionResteering(benched.model().unet(), ForgetMeNotSettings.DEFAULTS, Provider.choose());
  }

  @TearDown
  public void tearDown() {
    resteering.close();
    benched.close();
    scope.close();
  }

  @Benchmark
  public double step() {
    return resteering.step(latents, timestep, context, columns);
  }
}
