package lethe.bench;

import java.util.concurrent.TimeUnit;
import lethe.kernel.AttentionGradients;
import lethe.kernel.AttentionScores;
import lethe.kernel.ComposedAttentionScores;
import lethe.kernel.Provider;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import lethe.tensor.Threads;
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
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * The fused cross-attention with its scores beside the composed one, at the eight attention shapes of Stable Diffusion
 * 1.4's UNet on a 64² latent: batch 1, 8 heads.
 *
 * <pre>mvn -q -Pbench test-compile exec:exec -Dbench=AttentionScores</pre>
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AttentionScoresBenchmark {
  private static final long HEADS = 8;
  private static final String[] RESULTS = {"dq", "dk", "dv", "out"};

  /** Query rows x tokens x channels of a head. */
  @Param({
    "4096x77x40", "1024x77x80", "256x77x160", "64x77x160", "4096x4096x40", "1024x1024x80", "256x256x160", "64x64x160"
  })
  public String shape;

  @Param({"fp32", "bf16"})
  public String dtype;

  @Param({"native", "composed"})
  public String provider;

  private Scope scope;
  private Tensor q;
  private Tensor k;
  private Tensor v;
  private Tensor columns;
  private Tensor dOut;
  private Tensor dSumOfSquares;
  private double scale;
  private DType type;

  /** Makes the inputs, and refuses to time a kernel whose results do not match. */
  @Setup
  public void setUp(BenchmarkParams benchmark) {
    scope = new Scope();
    torch.manual_seed(1);
    String[] sizes = shape.split("x");
    long rows = Long.parseLong(sizes[0]);
    long tokens = Long.parseLong(sizes[1]);
    long channels = Long.parseLong(sizes[2]);
    type = DType.valueOf(dtype.equals("fp32") ? "F32" : "BF16");
    scale = 1 / Math.sqrt(channels);
    boolean backward = benchmark.getBenchmark().endsWith("forwardBackward");
    // Two products forward, and five backward, where the scores are formed again.
    double flops = (backward ? 14.0 : 4.0) * HEADS * rows * tokens * channels;
    double elements = HEADS * channels * (backward ? 5.0 * rows + 6 * tokens : 2.0 * rows + 2 * tokens);
    Work.perCall(flops, type.bytes() * elements, type);
    q = heads(rows, channels);
    k = heads(tokens, channels);
    v = heads(tokens, channels);
    dOut = heads(rows, channels);
    columns = torch.zeros(new long[] {1, tokens}, DType.U8.options());
    columns.narrow(1, 5, 3).fill_(new Scalar(1));
    dSumOfSquares = torch.scalar_tensor(new Scalar(0.5));
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

  /** Output and sum of squares. */
  @Benchmark
  public float forward() {
    try (Scope step = new Scope()) {
      if (provider.equals("native")) {
        return AttentionScores.forward(q, k, v, scale, columns).sumOfSquares().item_float();
      }
      return ComposedAttentionScores.forward(q, k, v, scale, columns).sumOfSquares().item_float();
    }
  }

  /** The same, and the gradients of q, k and v. */
  @Benchmark
  public Object forwardBackward() {
    try (Scope step = new Scope()) {
      Tensor[] gradients = provider.equals("native") ? nativeGradients() : composedGradients(type);
      return gradients[0].data_ptr();
    }
  }

  private Tensor heads(long rows, long channels) {
    return torch.randn(1, rows, HEADS * channels).to(type.scalarType()).view(1, rows, HEADS, channels).transpose(1, 2);
  }

  private Tensor[] nativeGradients() {
    AttentionScores.Forward forward = AttentionScores.forward(q, k, v, scale, columns);
    AttentionGradients backward =
        AttentionScores.backward(forward, q, k, v, scale, columns, dOut, dSumOfSquares);
    return new Tensor[] {backward.dq(), backward.dk(), backward.dv(), forward.out()};
  }

  private Tensor[] composedGradients(DType type) {
    Tensor leafQ = leaf(q, type);
    Tensor leafK = leaf(k, type);
    Tensor leafV = leaf(v, type);
    ComposedAttentionScores.Forward forward =
        ComposedAttentionScores.forward(leafQ, leafK, leafV, scale, columns);
    Tensor loss =
        forward
            .out()
            .mul(dOut.to(type.scalarType()))
            .sum()
            .add(forward.sumOfSquares().mul(dSumOfSquares.to(type.scalarType())));
    loss.backward();
    return new Tensor[] {leafQ.grad(), leafK.grad(), leafV.grad(), forward.out()};
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
