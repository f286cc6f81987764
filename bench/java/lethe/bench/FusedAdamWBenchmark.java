package lethe.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import lethe.kernel.AdamWSettings;
import lethe.kernel.Optimizer;
import lethe.kernel.Provider;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
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
 * A clipped step of AdamW in one native call, beside the composed operations and LibTorch's own AdamW and clip_grad_norm_,
 * over tensors that no cache holds and over many small ones.
 *
 * <pre>mvn -q -Pbench test-compile exec:exec -Dbench=FusedAdamW</pre>
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FusedAdamWBenchmark {
  private static final AdamWSettings SETTINGS = new AdamWSettings(2e-6, 0.9, 0.999, 1e-8, 0.01, 1.0);
  // Parameter and moments are read and written, the gradient is read for the norm and again for the update.
  private static final double BYTES_PER_ELEMENT = 8 * DType.F32.bytes();

  /** Tensors x elements. */
  @Param({"12x1638400", "256x1280"})
  public String shape;

  @Param({"native", "composed", "preset"})
  public String provider;

  private Scope scope;
  private List<Tensor> parameters;
  private Optimizer optimizer;
  private AdamW adamW;
  private TensorVector vector;

  /** Makes parameters and gradients, and refuses to time a kernel whose results do not match. */
  @Setup
  public void setUp() {
    scope = new Scope();
    String[] sizes = shape.split("x");
    int tensors = Integer.parseInt(sizes[0]);
    long elements = Long.parseLong(sizes[1]);
    parameters = parameters(tensors, elements, DType.F32);
    Work.perCall(0, BYTES_PER_ELEMENT * tensors * elements, DType.F32);
    if (provider.equals("preset")) {
      vector = vector(parameters);
      adamW = new AdamW(vector, options());
    } else {
      Provider chosen = Provider.valueOf(provider.toUpperCase(Locale.ROOT)).checked();
      if (chosen == Provider.NATIVE) {
        check(tensors, Math.min(elements, 20_000));
      }
      optimizer = Optimizer.adamW(chosen, parameters, SETTINGS);
    }
  }

  @TearDown
  public void tearDown() {
    if (optimizer != null) {
      optimizer.close();
    }
    scope.close();
  }

  @Benchmark
  public double step() {
    if (provider.equals("preset")) {
      return presetStep(vector, adamW);
    }
    return optimizer.step();
  }

  private static double presetStep(TensorVector vector, AdamW adamW) {
    try (Scope step = new Scope()) {
      double norm = torch.clip_grad_norm_(vector, SETTINGS.maxGradNorm());
      adamW.step();
      return norm;
    }
  }

  private static List<Tensor> parameters(int tensors, long elements, DType type) {
    torch.manual_seed(1);
    List<Tensor> parameters = new ArrayList<>();
    for (int i = 0; i < tensors; i++) {
      Tensor parameter = torch.randn(elements).to(type.scalarType()).requires_grad_(true);
      parameter.mutable_grad().put(torch.randn(elements).to(type.scalarType()));
      parameters.add(parameter);
    }
    return parameters;
  }

  private static TensorVector vector(List<Tensor> tensors) {
    TensorVector vector = new TensorVector();
    tensors.forEach(vector::push_back);
    return vector;
  }

  private static AdamWOptions options() {
    AdamWOptions options = new AdamWOptions(SETTINGS.learningRate());
    // A std::tuple lies in memory last element first.
    options.betas().put(0, SETTINGS.beta2()).put(1, SETTINGS.beta1());
    options.eps().put(SETTINGS.epsilon());
    options.weight_decay().put(SETTINGS.weightDecay());
    return options;
  }

  private static void check(int tensors, long elements) {
    try (Scope check = new Scope()) {
      List<Tensor> exact = parameters(tensors, elements, DType.F64);
      presetStep(vector(exact), new AdamW(vector(exact), options()));
      List<Tensor> ours = parameters(tensors, elements, DType.F32);
      List<Tensor> composed = parameters(tensors, elements, DType.F32);
      try (Optimizer fused = Optimizer.adamW(Provider.NATIVE, ours, SETTINGS);
          Optimizer plain = Optimizer.adamW(Provider.COMPOSED, composed, SETTINGS)) {
        fused.step();
        plain.step();
      }
      for (int i = 0; i < tensors; i++) {
        Matching.check("parameter " + i, ours.get(i), composed.get(i), exact.get(i));
      }
    }
  }
}
