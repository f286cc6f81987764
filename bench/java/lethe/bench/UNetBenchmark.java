package lethe.bench;

import java.util.Collection;
import java.util.concurrent.TimeUnit;
import lethe.kernel.Provider;
import lethe.model.layer.GradientPass;
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
 * The UNet on one latent: its prediction, and the two kinds of gradient. An attack on the prompt needs the gradient
 * of the text context, through activations only; training needs those of all weights.
 *
 * <pre>./lethe bench --filter UNet</pre>
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class UNetBenchmark {
  @Param({"tiny", "sd-1.4"})
  public String model;

  private Scope scope;
  private BenchedModel benched;
  private Tensor latents;
  private Tensor timestep;
  private Tensor context;

  @Setup
  public void setUp() {
    scope = new Scope();
    benched = BenchedModel.load(model);
    latents = benched.latents();
    timestep = benched.timestep();
    context = benched.context();
  }

  @TearDown
  public void tearDown() {
    benched.close();
    scope.close();
  }

  @Benchmark
  public float forward() {
    try (Scope step = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      return benched.model().unet().forward(latents, timestep, context).data_ptr_float().get();
    }
  }

  /** With the gradient of the text context; the weights are frozen. */
  @Benchmark
  public float forwardBackwardActivations() {
    try (Scope step = new Scope();
        GradientPass pass = GradientPass.of(Provider.choose())) {
      Tensor leaf = context.detach().requires_grad_(true);
      pass.backward(benched.model().unet().forward(latents, timestep, pass.cut(leaf), pass).square().mean());
      return leaf.grad().data_ptr_float().get();
    }
  }

  /** With the gradients of all weights. */
  @Benchmark
  public float forwardBackwardWeights() {
    Collection<Tensor> weights = benched.model().unet().parameters().values();
    try (Scope step = new Scope();
        GradientPass pass = GradientPass.of(Provider.choose())) {
      weights.forEach(weight -> weight.set_requires_grad(true));
      Tensor loss = benched.model().unet().forward(latents, timestep, context, pass).square().mean();
      pass.backward(loss);
      return loss.item_float();
    } finally {
      weights.forEach(BenchedModel::freeze);
    }
  }
}
