package lethe.kernel;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The native kernel beside LibTorch's attention in double: its error may be twice that in the same type, not more. */
class FlashAttentionTest {
  private Scope scope;

  @BeforeEach
  void openScope() {
    scope = new Scope();
    torch.manual_seed(11);
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  /** Heads are strided views of [B, N, H * d] projections, as in the model. */
  private static Tensor heads(DType type, long batch, long heads, long rows, long channels) {
    Tensor projection = torch.randn(batch, rows, heads * channels).to(type.scalarType());
    return projection.view(batch, rows, heads, channels).transpose(1, 2);
  }

  private record Numbers(Tensor out, Tensor dq, Tensor dk, Tensor dv) {}

  private static Numbers nativeKernel(Tensor q, Tensor k, Tensor v, boolean causal, Tensor dOut) {
    double scale = 1 / Math.sqrt(q.size(3));
    FlashAttention.Forward forward = FlashAttention.forward(q, k, v, scale, causal);
    AttentionGradients backward = FlashAttention.backward(forward, q, k, v, scale, causal, dOut);
    return new Numbers(forward.out(), backward.dq(), backward.dk(), backward.dv());
  }

  private static Numbers libtorch(DType type, Tensor q, Tensor k, Tensor v, boolean causal, Tensor dOut) {
    Tensor typedQ = leaf(type, q);
    Tensor typedK = leaf(type, k);
    Tensor typedV = leaf(type, v);
    Tensor out =
        torch.scaled_dot_product_attention(
            typedQ, typedK, typedV, new TensorOptional(), 0.0, causal, new DoubleOptional(), false);
    out.mul(dOut.to(type.scalarType())).sum().backward();
    return new Numbers(out, typedQ.grad(), typedK.grad(), typedV.grad());
  }

  private static Tensor leaf(DType type, Tensor tensor) {
    return tensor.detach().to(type.scalarType()).contiguous().clone().requires_grad_(true);
  }

  private static void assertAsGood(String name, DType type, Tensor ours, Tensor libtorch, Tensor exact) {
    // A rounding of the result itself is allowed where LibTorch's happens to be exact.
    double rounding = (type == DType.BF16 ? 4e-3 : 4e-7) * norm(exact);
    double allowed = 2 * distance(libtorch, exact) + rounding;
    double error = distance(ours, exact);
    assertTrue(error <= allowed, () -> name + ": error " + error + ", allowed " + allowed);
  }

  private static double distance(Tensor a, Tensor b) {
    return norm(a.detach().to(DType.F64.scalarType()).sub(b.detach()));
  }

  private static double norm(Tensor tensor) {
    return tensor.detach().norm().item_double();
  }

  @ParameterizedTest
  @CsvSource({
    "F32, 1, 8, 64, 64, 160, false",
    "F32, 2, 3, 300, 300, 40, false",
    "F32, 1, 12, 77, 77, 64, true",
    "F32, 2, 2, 130, 50, 33, true",
    "F32, 1, 1, 257, 100, 512, false",
    "F32, 1, 2, 1, 7, 80, false",
    "BF16, 1, 8, 64, 64, 160, false",
    "BF16, 2, 3, 300, 300, 40, false",
    "BF16, 1, 12, 77, 77, 64, true",
    "BF16, 1, 2, 129, 65, 33, false",
  })
  void matchesLibTorch(DType type, long batch, long heads, long rows, long tokens, long channels, boolean causal) {
    Tensor q = heads(type, batch, heads, rows, channels);
    Tensor k = heads(type, batch, heads, tokens, channels);
    Tensor v = heads(type, batch, heads, tokens, channels);
    Tensor dOut = heads(type, batch, heads, rows, channels);
    Numbers exact = libtorch(DType.F64, q, k, v, causal, dOut);
    Numbers libtorch = libtorch(type, q, k, v, causal, dOut);
    Numbers ours = nativeKernel(q, k, v, causal, dOut);
    assertAsGood("out", type, ours.out, libtorch.out, exact.out);
    assertAsGood("dq", type, ours.dq, libtorch.dq, exact.dq);
    assertAsGood("dk", type, ours.dk, libtorch.dk, exact.dk);
    assertAsGood("dv", type, ours.dv, libtorch.dv, exact.dv);
  }

  @Test
  void resultsLieAsProjectionsTakeThem() {
    Tensor q = heads(DType.F32, 2, 3, 20, 8);
    Numbers numbers = nativeKernel(q, q, q, false, q);
    for (Tensor tensor : new Tensor[] {numbers.out, numbers.dq, numbers.dk, numbers.dv}) {
      assertTrue(tensor.transpose(1, 2).is_contiguous());
    }
  }

  @Test
  void takesExpandedGradients() {
    Tensor q = heads(DType.F32, 1, 2, 20, 8);
    Tensor ones = torch.ones(1, 1, 1, 1).expand(1, 2, 20, 8);
    Tensor expanded = nativeKernel(q, q, q, false, ones).dq;
    assertTrue(torch.equal(expanded, nativeKernel(q, q, q, false, ones.contiguous()).dq));
  }

  @Test
  void saysWhichTensorsItTakes() {
    assertTrue(FlashAttention.takes(torch.ones(1)));
    assertTrue(FlashAttention.takes(torch.ones(1).to(DType.BF16.scalarType())));
    assertTrue(!FlashAttention.takes(torch.ones(1).to(DType.F64.scalarType())));
  }

  @Test
  void badTensorsAreNamed() {
    Tensor q = heads(DType.F32, 1, 2, 20, 8);
    Tensor half = q.to(DType.F16.scalarType());
    Tensor bf16 = q.to(DType.BF16.scalarType());
    Tensor strided = q.transpose(2, 3).contiguous().transpose(2, 3);
    assertRefused("q must be fp32", half, q, q);
    assertRefused("k must be fp32", q, bf16, q);
    assertRefused("the last stride of v must be 1", q, q, strided);
    assertRefused("q and k must be", q.select(0, 0), q, q);
    FlashAttention.Forward forward = FlashAttention.forward(q, q, q, 1, false);
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> FlashAttention.backward(forward, q, q, q, 1, false, q.mul(new Scalar(2)).select(0, 0)));
    assertTrue(error.getMessage().contains("dOut must be fp32"), error.getMessage());
  }

  private static void assertRefused(String message, Tensor q, Tensor k, Tensor v) {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> FlashAttention.forward(q, k, v, 1, false));
    assertTrue(error.getMessage().contains("flash_attention: ") && error.getMessage().contains(message),
        error.getMessage());
  }
}
