package lethe.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import lethe.kernel.PgdUpdate.Ball;
import lethe.kernel.PgdUpdate.Rule;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The native kernel beside the composed operations in double: its error may be twice theirs in float32, not more. */
class PgdStepTest {
  private static final int STEPS = 3;

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

  @FunctionalInterface
  private interface Step {
    void apply(Tensor x, Tensor gradient, Tensor center, PgdMoments moments, PgdUpdate update);
  }

  @TestFactory
  List<DynamicTest> matchesComposedOperations() {
    List<DynamicTest> tests = new ArrayList<>();
    for (long[] sizes : new long[][] {{1, 768}, {16, 1024}, {3, 4, 768}, {1, 1}, {2, 3, 7}, {5}}) {
      for (Rule rule : Rule.values()) {
        for (Ball ball : Ball.values()) {
          for (DType gradientType : new DType[] {DType.F32, DType.BF16}) {
            String name = List.of(rule, ball, gradientType.shortName()) + " " + Arrays.toString(sizes);
            PgdUpdate update = PgdUpdate.of(rule, rule == Rule.L2 ? 20 : 0.7).within(ball, ball == Ball.L2 ? 15 : 0.5);
            tests.add(
                DynamicTest.dynamicTest(
                    name,
                    () -> {
                      assertAsGoodAsComposed(sizes, gradientType, update);
                      assertAsGoodAsComposed(sizes, gradientType, update.clamped(-1.25, 1.5));
                    }));
          }
        }
      }
    }
    return tests;
  }

  private static void assertAsGoodAsComposed(long[] sizes, DType gradientType, PgdUpdate update) {
    try (Scope test = new Scope()) {
      Tensor start = torch.randn(sizes);
      Tensor center = torch.randn(sizes);
      Tensor[] gradients = new Tensor[STEPS];
      for (int i = 0; i < STEPS; i++) {
        gradients[i] = torch.randn(sizes).to(gradientType.scalarType());
      }
      Tensor exact = run(ComposedPgdStep::apply, DType.F64, start, gradients, center, update);
      Tensor composed = run(ComposedPgdStep::apply, DType.F32, start, gradients, center, update);
      Tensor ours = run(PgdStep::apply, DType.F32, start, gradients, center, update);
      double allowed = 2 * distance(composed, exact) + 4e-7 * exact.norm().item_double() + 1e-30;
      double error = distance(ours, exact);
      assertTrue(error <= allowed, () -> "error " + error + ", allowed " + allowed);
      assertTrue(distance(ours, start) > 1e-2, "the steps move x");
    }
  }

  private static Tensor run(
      Step step, DType type, Tensor start, Tensor[] gradients, Tensor center, PgdUpdate update) {
    Tensor x = start.to(type.scalarType()).clone();
    Tensor typedCenter = update.ball() == Ball.NONE ? null : center.to(type.scalarType());
    PgdMoments moments = update.rule().usesMoments() ? PgdMoments.zerosLike(x) : null;
    for (Tensor gradient : gradients) {
      step.apply(x, gradient, typedCenter, moments, update);
    }
    return x;
  }

  private static double distance(Tensor a, Tensor b) {
    return a.to(DType.F64.scalarType()).sub(b.to(DType.F64.scalarType())).norm().item_double();
  }

  @Test
  void samplesHaveNormsOfTheirOwn() {
    Tensor gradient = torch.ones(2, 2, 8);
    gradient.narrow(0, 1, 1).mul_(new Scalar(100.0));
    for (Step step : new Step[] {PgdStep::apply, ComposedPgdStep::apply}) {
      Tensor batch = torch.zeros(2, 2, 8);
      step.apply(batch, gradient, null, null, PgdUpdate.of(Rule.L2, 4));
      assertEquals(-1, batch.min().item_float(), 1e-6);
      assertEquals(-1, batch.max().item_float(), 1e-6);
      Tensor one = torch.zeros(4, 8);
      step.apply(one, gradient.view(4, 8), null, null, PgdUpdate.of(Rule.L2, 4));
      assertEquals(4, one.norm().item_float(), 1e-5);
    }
  }

  @Test
  void noGradientMovesNothing() {
    for (Step step : new Step[] {PgdStep::apply, ComposedPgdStep::apply}) {
      for (Rule rule : Rule.values()) {
        Tensor x = torch.ones(2, 8);
        step.apply(x, torch.zeros(2, 8), null, PgdMoments.zerosLike(x), PgdUpdate.of(rule, 1));
        assertTrue(torch.equal(x, torch.ones(2, 8)), rule.toString());
      }
    }
  }

  @Test
  void negativeStepsAscend() {
    for (Step step : new Step[] {PgdStep::apply, ComposedPgdStep::apply}) {
      Tensor x = torch.zeros(2, 8);
      step.apply(x, torch.ones(2, 8), null, null, PgdUpdate.of(Rule.SIGN, -0.5));
      assertEquals(0.5f, x.min().item_float());
    }
  }

  @Test
  void emptyTensorsPass() {
    Tensor x = torch.zeros(0, 4, 8);
    PgdStep.apply(x, torch.zeros(0, 4, 8), null, null, PgdUpdate.of(Rule.L2, 1));
    assertEquals(0, x.numel());
  }

  @Test
  void badTensorsAreNamed() {
    Tensor x = torch.zeros(2, 8);
    PgdUpdate sign = PgdUpdate.of(Rule.SIGN, 1);
    assertRefused("gradient must have the shape of x, [2, 8], got [8, 2]", x, torch.zeros(8, 2), null, sign);
    assertRefused("x must be fp32", x.to(DType.F64.scalarType()), x, null, sign);
    assertRefused("gradient must be fp32", x, x.to(DType.F64.scalarType()), null, sign);
    assertRefused("gradient must be contiguous", x, torch.zeros(8, 2).t(), null, sign);
    assertRefused("a ball needs a center", x, x, null, sign.within(Ball.LINF, 1));
    assertRefused("center must be contiguous", x, x, torch.zeros(8, 2).t(), sign.within(Ball.LINF, 1));
    assertRefused("Adam needs moments", x, x, null, PgdUpdate.of(Rule.ADAM, 1));
  }

  private static void assertRefused(String message, Tensor x, Tensor gradient, Tensor center, PgdUpdate update) {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> PgdStep.apply(x, gradient, center, null, update));
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }
}
