package lethe.kernel;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The native kernel beside the composed operations in double: its error may be twice theirs in float32, not more. */
class AttentionScoresTest {
  private Scope scope;

  @BeforeEach
  void openScope() {
    scope = new Scope();
    torch.manual_seed(7);
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  /** Inputs as the model has them: heads are strided views of [B, N, H * d] projections. */
  private record Case(Tensor q, Tensor k, Tensor v, double scale, Tensor columns, Tensor dOut, Tensor dSumOfSquares) {
    static Case random(long batch, long heads, long rows, long tokens, long channels) {
      Tensor columns = torch.rand(batch, tokens).lt(new Scalar(0.3)).to(DType.U8.scalarType());
      return new Case(
          withOutliers(heads(batch, heads, rows, channels)),
          withOutliers(heads(batch, heads, tokens, channels)),
          heads(batch, heads, tokens, channels),
          1 / Math.sqrt(channels),
          columns,
          heads(batch, heads, rows, channels),
          torch.scalar_tensor(new Scalar(0.75)));
    }

    private static Tensor heads(long batch, long heads, long rows, long channels) {
      return torch.randn(batch, rows, heads * channels).view(batch, rows, heads, channels).transpose(1, 2);
    }

    /** One element in fifty is ten times as large. */
    private static Tensor withOutliers(Tensor tensor) {
      Tensor chosen = torch.rand_like(tensor).lt(new Scalar(0.02)).to(DType.F32.scalarType());
      return tensor.mul_(chosen.mul(new Scalar(9)).add(new Scalar(1)));
    }

    Case withoutValues() {
      return new Case(q, k, null, scale, columns, null, dSumOfSquares);
    }

    Numbers nativeKernel() {
      AttentionScores.Forward forward = AttentionScores.forward(q, k, v, scale, columns);
      AttentionGradients backward =
          AttentionScores.backward(forward, q, k, v, scale, columns, dOut, dSumOfSquares);
      return new Numbers(forward.out(), forward.sumOfSquares(), backward.dq(), backward.dk(), backward.dv());
    }

    /** The same by autograd through the composed operations. */
    Numbers composed(DType type) {
      Tensor typedQ = leaf(q, type);
      Tensor typedK = leaf(k, type);
      Tensor typedV = v == null ? null : leaf(v, type);
      ComposedAttentionScores.Forward forward =
          ComposedAttentionScores.forward(typedQ, typedK, typedV, scale, columns);
      Tensor loss = forward.sumOfSquares().mul(dSumOfSquares.to(type.scalarType()));
      if (dOut != null) {
        loss = loss.add(forward.out().mul(dOut.to(type.scalarType())).sum());
      }
      loss.backward();
      return new Numbers(
          forward.out(), forward.sumOfSquares(), typedQ.grad(), typedK.grad(), v == null ? null : typedV.grad());
    }

    private static Tensor leaf(Tensor tensor, DType type) {
      return tensor.detach().to(type.scalarType()).contiguous().clone().requires_grad_(true);
    }
  }

  private record Numbers(Tensor out, Tensor sumOfSquares, Tensor dq, Tensor dk, Tensor dv) {}

  private static void assertAsGoodAsComposed(Case inputs) {
    Numbers exact = inputs.composed(DType.F64);
    Numbers composed = inputs.composed(DType.F32);
    Numbers ours = inputs.nativeKernel();
    assertAll(
        () -> assertAsGood("out", ours.out, composed.out, exact.out),
        () -> assertAsGood("sumOfSquares", ours.sumOfSquares, composed.sumOfSquares, exact.sumOfSquares),
        () -> assertAsGood("dq", ours.dq, composed.dq, exact.dq),
        () -> assertAsGood("dk", ours.dk, composed.dk, exact.dk),
        () -> assertAsGood("dv", ours.dv, composed.dv, exact.dv));
  }

  private static void assertAsGood(String name, Tensor ours, Tensor composed, Tensor exact) {
    if (exact == null) {
      assertNull(ours, name);
      return;
    }
    // A few float32 roundings of the result itself are allowed where the composed operations happen to be exact.
    double roundings = 4e-7 * norm(exact) + 1e-30;
    double allowed = 2 * distance(composed, exact) + roundings;
    double error = distance(ours, exact);
    assertTrue(error <= allowed, () -> name + ": error " + error + ", allowed " + allowed);
  }

  private static double distance(Tensor a, Tensor b) {
    return norm(a.to(DType.F64.scalarType()).sub(b));
  }

  private static double norm(Tensor tensor) {
    return tensor.detach().norm().item_double();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 8, 64, 77, 160",
    "2, 8, 100, 77, 40",
    "1, 2, 257, 77, 80",
    "2, 3, 33, 5, 7",
    "1, 1, 1, 77, 64",
    "3, 2, 17, 1, 8",
    "1, 2, 9, 130, 1",
    "1, 4, 4096, 77, 40",
  })
  void matchesComposedOperations(long batch, long heads, long rows, long tokens, long channels) {
    Case inputs = Case.random(batch, heads, rows, tokens, channels);
    assertAsGoodAsComposed(inputs);
    assertAsGoodAsComposed(inputs.withoutValues());
  }

  @Test
  void columnsBelongToTheirBatchItem() {
    Case inputs = Case.random(2, 4, 50, 77, 40);
    Tensor swapped = inputs.columns.flip(0).contiguous();
    Tensor original = AttentionScores.forward(inputs.q, inputs.k, null, inputs.scale, inputs.columns).sumOfSquares();
    Tensor other = AttentionScores.forward(inputs.q, inputs.k, null, inputs.scale, swapped).sumOfSquares();
    Tensor expected =
        ComposedAttentionScores.forward(inputs.q, inputs.k, null, inputs.scale, swapped).sumOfSquares();
    assertEquals(expected.item_float(), other.item_float(), 1e-5f * expected.item_float());
    assertTrue(Math.abs(original.item_float() - other.item_float()) > 1e-2f);
  }

  @Test
  void noColumnsMeansNoSum() {
    Case inputs = Case.random(1, 2, 20, 10, 8);
    assertEquals(0f, AttentionScores.forward(inputs.q, inputs.k, inputs.v, 1, null).sumOfSquares().item_float());
    assertEquals(
        0f, ComposedAttentionScores.forward(inputs.q, inputs.k, inputs.v, 1, null).sumOfSquares().item_float());
  }

  @Test
  void savesTheLogSumExp() {
    Case inputs = Case.random(1, 2, 20, 77, 40);
    Tensor scores = inputs.q.matmul(inputs.k.transpose(2, 3)).mul(new Scalar(inputs.scale));
    Tensor saved = AttentionScores.forward(inputs.q, inputs.k, null, inputs.scale, null).logSumExp();
    assertTrue(torch.allclose(saved, torch.logsumexp(scores, 3).to(DType.F64.scalarType()), 1e-5, 1e-5, false));
  }

  @Test
  void missingGradientsAreZero() {
    Case inputs = Case.random(1, 2, 20, 10, 8);
    AttentionScores.Forward forward =
        AttentionScores.forward(inputs.q, inputs.k, inputs.v, inputs.scale, inputs.columns);
    AttentionGradients onlySum =
        AttentionScores.backward(
            forward, inputs.q, inputs.k, inputs.v, inputs.scale, inputs.columns, null, inputs.dSumOfSquares);
    assertEquals(0, norm(onlySum.dv()));
    assertTrue(norm(onlySum.dq()) > 0);
    AttentionGradients onlyOut =
        AttentionScores.backward(
            forward, inputs.q, inputs.k, inputs.v, inputs.scale, inputs.columns, inputs.dOut, null);
    AttentionGradients withoutColumns =
        AttentionScores.backward(
            forward, inputs.q, inputs.k, inputs.v, inputs.scale, null, inputs.dOut, inputs.dSumOfSquares);
    assertTrue(torch.equal(onlyOut.dq(), withoutColumns.dq()));
  }

  @Test
  void takesExpandedOutputGradients() {
    Case inputs = Case.random(2, 2, 20, 10, 8);
    Tensor expanded = torch.ones(1, 1, 1, 1).expand(2, 2, 20, 8);
    Case ofSum =
        new Case(inputs.q, inputs.k, inputs.v, inputs.scale, inputs.columns, expanded, inputs.dSumOfSquares);
    assertAsGoodAsComposed(ofSum);
  }

  @Test
  void outputsLieAsProjectionsTakeThem() {
    Case inputs = Case.random(2, 3, 20, 10, 8);
    AttentionScores.Forward forward = AttentionScores.forward(inputs.q, inputs.k, inputs.v, 1, null);
    AttentionGradients backward =
        AttentionScores.backward(forward, inputs.q, inputs.k, inputs.v, 1, null, inputs.dOut, null);
    for (Tensor tensor : new Tensor[] {forward.out(), backward.dq(), backward.dk(), backward.dv()}) {
      assertTrue(tensor.transpose(1, 2).is_contiguous());
    }
  }

  @Test
  void badTensorsAreNamed() {
    Case good = Case.random(1, 2, 20, 10, 8);
    assertRefused("q must be fp32", good.q.to(DType.F64.scalarType()), good.k, good.v, null);
    assertRefused("k must be fp32 [1, 2, 10, 8]", good.q, good.k.slice(3, new LongOptional(0),
        new LongOptional(4), 1), good.v, null);
    assertRefused("v must be fp32 [1, 2, 10, 8]", good.q, good.k, good.q, null);
    assertRefused("last stride of q", good.q.transpose(2, 3).contiguous().transpose(2, 3), good.k, good.v, null);
    assertRefused("columns must be uint8 [1, 10]", good.q, good.k, good.v, torch.ones(1, 10));
    assertRefused("q and k must be", good.q.select(0, 0), good.k, good.v, null);
  }

  private static void assertRefused(String message, Tensor q, Tensor k, Tensor v, Tensor columns) {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> AttentionScores.forward(q, k, v, 1, columns));
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }
}
