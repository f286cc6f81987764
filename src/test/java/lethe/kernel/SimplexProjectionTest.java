package lethe.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** The native kernel beside a projection by sorting in double, and beside the published bisection. */
class SimplexProjectionTest {
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

  /** Of the heads of the sorted row, the longest whose last element lies above its own threshold gives the threshold. */
  private static Tensor bySorting(Tensor x) {
    Tensor wide = x.to(DType.F64.scalarType());
    Tensor sorted = torch.sort(wide, 1, true).get0();
    Tensor lengths = torch.arange(new Scalar(1), new Scalar(x.size(1) + 1), DType.F64.options());
    Tensor thresholds = sorted.cumsum(1).sub(new Scalar(1)).div(lengths);
    Tensor last = sorted.gt(thresholds).sum(new long[] {1}).sub(new Scalar(1)).unsqueeze(1);
    return torch.relu(wide.sub(thresholds.gather(1, last)));
  }

  private static double distance(Tensor a, Tensor b) {
    return a.to(DType.F64.scalarType()).sub(b).norm().item_double();
  }

  @ParameterizedTest
  @CsvSource({"5, 49408, 0.01", "1, 1, 1", "3, 2, 1", "7, 1009, 3", "2, 4097, 0.001"})
  void isTheNearestPoint(long rows, long columns, double spread) {
    Tensor x = torch.randn(rows, columns).mul(new Scalar(spread)).add(new Scalar(1.0 / columns));
    Tensor exact = bySorting(x);
    double error = distance(SimplexProjection.project(x), exact);
    assertTrue(error <= 2 * distance(ComposedSimplexProjection.project(x), exact) + 1e-7 * exact.norm().item_double());
    assertTrue(error <= 1e-7 * exact.norm().item_double(), "one rounding: " + error);

    Tensor narrow = x.to(DType.BF16.scalarType());
    Tensor narrowExact = bySorting(narrow);
    assertTrue(distance(SimplexProjection.project(narrow), narrowExact) <= 4e-3 * narrowExact.norm().item_double());
  }

  @Test
  void bisectionFindsTheThresholdWithinItsTolerance() {
    Tensor x = torch.randn(3, 1000);
    Tensor difference = ComposedSimplexProjection.project(x).sub(bySorting(x)).abs();
    assertTrue(difference.max().item_double() <= 1e-5);
  }

  /** What docs/attacks.md says: rows as Adam's first step at rate 0.01 leaves a uniform start. */
  @Test
  void bisectionMissesTheSumOverAWholeVocabulary() {
    long tokens = 49408;
    Tensor x = torch.randn(20, tokens).sign().mul(new Scalar(0.01)).add(new Scalar(1.0 / tokens));
    Tensor missed = sums(ComposedSimplexProjection.project(x)).sub(new Scalar(1)).abs();
    assertTrue(missed.min().item_double() > 0.03, "at least " + missed.min().item_double());
    assertTrue(missed.max().item_double() < 0.05, "at most " + missed.max().item_double());
    assertEquals(0, sums(SimplexProjection.project(x)).sub(new Scalar(1)).abs().max().item_double(), 1e-5);
  }

  private static Tensor sums(Tensor rows) {
    return rows.to(DType.F64.scalarType()).sum(1);
  }

  @Test
  void bisectionKeepsWhatAlreadyLiesOnTheSimplex() {
    Tensor x = torch.ones(2, 50).div(new Scalar(50));
    assertTrue(torch.equal(x, ComposedSimplexProjection.project(x)));
  }

  @Test
  void worksInPlaceAndOnRowsWithGaps() {
    Tensor wide = torch.randn(4, 300);
    Tensor x = wide.slice(1, new LongOptional(10), new LongOptional(210), 1);
    Tensor rest = wide.slice(1, new LongOptional(210), new LongOptional(300), 1).clone();
    Tensor expected = SimplexProjection.project(x);
    SimplexProjection.projectInPlace(x);
    assertTrue(torch.equal(expected, x));
    assertTrue(torch.equal(rest, wide.slice(1, new LongOptional(210), new LongOptional(300), 1)));
  }

  @Test
  void rowsThatAreNotNumbersStaySo() {
    Tensor x = torch.zeros(2, 10);
    x.select(0, 0).select(0, 3).fill_(new Scalar(Double.NaN));
    for (Tensor projected : new Tensor[] {SimplexProjection.project(x), ComposedSimplexProjection.project(x)}) {
      assertTrue(projected.select(0, 0).isnan().all().item_bool());
      assertEquals(1, projected.select(0, 1).sum().item_float(), 1e-4f);
    }
  }

  @Test
  void takesEmptyTensors() {
    assertEquals(0, SimplexProjection.project(torch.zeros(0, 10)).numel());
    assertEquals(0, ComposedSimplexProjection.project(torch.zeros(0, 10)).numel());
  }

  @Test
  void badTensorsAreNamed() {
    assertRefused("fp32 or bf16 [k, V]", torch.zeros(3));
    assertRefused("fp32 or bf16 [k, V]", torch.zeros(3, 4).to(DType.F64.scalarType()));
    assertRefused("last stride of x", torch.zeros(3, 4).transpose(0, 1));
  }

  private static void assertRefused(String message, Tensor x) {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> SimplexProjection.project(x));
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }
}
