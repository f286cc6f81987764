package lethe.bench;

import java.util.concurrent.TimeUnit;
import lethe.kernel.AttentionGradients;
import lethe.kernel.ComposedAttentionScores;
import lethe.kernel.FlashAttention;
import lethe.kernel.Provider;
import lethe.model.layer.ComposedAttention;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import lethe.tensor.Threads;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
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
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * The fused self-attention beside LibTorch's scaled_dot_product_attention ({@code preset}) and beside a matrix product,
 * a softmax and a matrix product ({@code composed}): the four self-attentions of Stable Diffusion 1.4's UNet on a 64²
 * latent, those of its VAE and, causal, of its text encoder.
 *
 * <pre>mvn -q -Pbench test-compile exec:exec -Dbench=FlashAttention</pre>
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FlashAttentionBenchmark {
  private static final String[] RESULTS = {"dq", "dk", "dv", "out"};

  /** Heads x positions x channels of a head. */
  @Param({"8x4096x40", "8x1024x80", "8x256x160", "8x64x160", "1x4096x512", "12x77x64 causal"})
  public String shape;

  @Param({"fp32", "bf16"})
  public String dtype;

  @Param({"native", "composed", "preset"})
  public String provider;

  private Scope scope;
  private Tensor q;
  private Tensor k;
  private Tensor v;
  private Tensor dOut;
  private double scale;
  private boolean causal;
  private DType type;

  /** Makes the inputs, and refuses to time a kernel whose results do not match. */
  @Setup
  public void setUp(BenchmarkParams benchmark) {
    scope = new Scope();
    torch.manual_seed(1);
    type = DType.valueOf(dtype.equals("fp32") ? "F32" : "BF16");
    causal = shape.endsWith(" causal");
    String[] sizes = shape.replace(" causal", "").split("x");
    long heads = Long.parseLong(sizes[0]);
    long positions = Long.parseLong(sizes[1]);
    long channels = Long.parseLong(sizes[2]);
    scale = 1 / Math.sqrt(channels);
    boolean backward = benchmark.getBenchmark().endsWith("forwardBackward");
    // Two products forward, and five backward, where the scores are formed again; a causal mask is not counted.
    double flops = (backward ? 14.0 : 4.0) * heads * positions * positions * channels;
    double elements = heads * channels * positions * (backward ? 12.0 : 4.0);
    Work.perCall(flops, type.bytes() * elements, type);
    q = projected(heads, positions, channels);
    k = projected(heads, positions, channels);
    v = projected(heads, positions, channels);
    dOut = projected(heads, positions, channels);
    if (provider.equals("native")) {
      Provider.NATIVE.checked();
      check();
    } else if (provider.equals("composed")) {
      // LibTorch leaves a batch of products to OpenBLAS one by one: one thread of it took 1.4 times as long.
      Threads.shareWithBlas();
    }
  }

  @TearDown
  public void tearDown() {
    scope.close();
  }

  /** Attention. */
  @Benchmark
  public Object forward() {
    try (Scope step = new Scope()) {
      return attend(q, k, v).data_ptr();
    }
  }

  /** The same, and the gradients of q, k and v. */
  @Benchmark
  public Object forwardBackward() {
    try (Scope step = new Scope()) {
      Tensor[] gradients =
          switch (provider) {
            case "native" -> nativeGradients();
            case "composed" -> composedGradients(type);
            default -> presetGradients();
          };
      return gradients[0].data_ptr();
    }
  }

  private Tensor attend(Tensor q, Tensor k, Tensor v) {
    return switch (provider) {
      case "native" -> FlashAttention.forward(q, k, v, scale, causal).out();
      case "composed" -> composed(q, k, v);
      default -> ComposedAttention.attend(q, k, v, causal);
    };
  }

  private Tensor projected(long heads, long positions, long channels) {
    return torch.randn(1, positions, heads * channels)
        .to(type.scalarType())
        .view(1, positions, heads, channels)
        .transpose(1, 2);
  }

  private Tensor composed(Tensor q, Tensor k, Tensor v) {
    // LibTorch's own reference of the causal mask is the preset operation, which is composed for short sequences.
    return causal ? ComposedAttention.attend(q, k, v, true) : ComposedAttentionScores.forward(q, k, v, scale, null).out();
  }

  private Tensor[] nativeGradients() {
    FlashAttention.Forward forward = FlashAttention.forward(q, k, v, scale, causal);
    AttentionGradients backward = FlashAttention.backward(forward, q, k, v, scale, causal, dOut);
    return new Tensor[] {backward.dq(), backward.dk(), backward.dv(), forward.out()};
  }

  private Tensor[] composedGradients(DType type) {
    Tensor[] leaves = {leaf(q, type), leaf(k, type), leaf(v, type)};
    return gradients(leaves, composed(leaves[0], leaves[1], leaves[2]), type);
  }

  private Tensor[] presetGradients() {
    Tensor[] leaves = {leaf(q, type), leaf(k, type), leaf(v, type)};
    return gradients(leaves, ComposedAttention.attend(leaves[0], leaves[1], leaves[2], causal), type);
  }

  private Tensor[] gradients(Tensor[] leaves, Tensor out, DType type) {
    out.backward(dOut.to(type.scalarType()), new BoolOptional(), false, new TensorArrayRefOptional());
    return new Tensor[] {leaves[0].grad(), leaves[1].grad(), leaves[2].grad(), out};
  }

  private static Tensor leaf(Tensor tensor, DType type) {
    return tensor.detach().to(type.scalarType()).detach().requires_grad_(true);
  }

  private void check() {
    try (Scope step = new Scope()) {
      Tensor[] exact = composedGradients(DType.F64);
      Tensor[] composed = composedGradients(type);
      Tensor[] ours = nativeGradients();
      for (int i = 0; i < exact.length; i++) {
        Matching.check(RESULTS[i], ours[i], composed[i], exact[i]);
      }
    }
  }
}
