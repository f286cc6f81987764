package lethe.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import lethe.kernel.PgdUpdate.Ball;
import lethe.kernel.PgdUpdate.Rule;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both loops must do the same. */
class PgdLoopTest {
  private static final BooleanSupplier NEVER = () -> false;

  private Scope scope;

  @BeforeEach
  void openScope() {
    scope = new Scope();
    torch.manual_seed(3);
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  /** Half the squared distance from a target, whose gradient is the difference. */
  private static LossAndGradient distanceFrom(Tensor target) {
    return (step, x, gradient) -> {
      gradient.copy_(x.sub(target));
      return gradient.square().sum().item_double() / 2;
    };
  }

  private static Tensor start() {
    return torch.zeros(new long[] {2, 3}, DType.F32.options());
  }

  private static float at(Tensor tensor, long i) {
    return tensor.flatten().get(i).item_float();
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void descends(Provider provider) {
    Tensor x = start();
    Tensor target = torch.randn(2, 3);
    PgdLoop.Settings settings = PgdLoop.Settings.of(PgdUpdate.of(Rule.ADAM, 0.05), 200);
    PgdLoop.Result result = PgdLoop.of(provider).run(x, null, settings, distanceFrom(target), NEVER);
    assertEquals(PgdLoop.Stop.STEPS, result.stop());
    assertEquals(200, result.steps().size());
    assertTrue(torch.allclose(x, target, 0, 0.05, false));
    PgdLoop.Step best = result.steps().get(result.bestStep());
    assertTrue(best.loss() < 1e-2 * result.steps().get(0).loss());
    assertEquals(best.gradientNorm(), Math.sqrt(2 * best.loss()), 1e-5);
    assertTrue(result.steps().stream().allMatch(step -> step.loss() >= best.loss() && step.nanos() > 0));
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void matchesAutogradAndTheOptimiserOfLibTorch(Provider provider) {
    Tensor weight = torch.randn(3, 2);
    Tensor x = torch.randn(2, 3);
    Tensor leaf = x.clone().set_requires_grad(true);
    LossAndGradient loss =
        (step, iterate, gradient) -> {
          Tensor ours = iterate.detach().set_requires_grad(true);
          Tensor value = ours.matmul(weight).square().mean();
          value.backward();
          gradient.copy_(ours.grad());
          return value.item_double();
        };
    // The published attack: the gradient is never zeroed.
    PgdLoop.Settings settings = new PgdLoop.Settings(PgdUpdate.of(Rule.ADAM, 1e-2), 30, -1, true);
    PgdLoop.Result result = PgdLoop.of(provider).run(x, null, settings, loss, NEVER);
    try (var options = new org.bytedeco.pytorch.AdamOptions(1e-2);
        var adam = new org.bytedeco.pytorch.Adam(new org.bytedeco.pytorch.TensorVector(leaf), options)) {
      for (int step = 0; step < 30; step++) {
        Tensor value = leaf.matmul(weight).square().mean();
        value.backward();
        assertEquals(value.item_double(), result.steps().get(step).loss(), 1e-5 * value.item_double());
        adam.step();
      }
    }
    assertTrue(torch.allclose(x, leaf, 1e-5, 1e-6, false));
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void keepsTheBestIterate(Provider provider) {
    Tensor x = start();
    double[] losses = {3, 1, 2, 1};
    List<Float> seen = new ArrayList<>();
    PgdLoop.Result result =
        PgdLoop.of(provider)
            .run(
                x,
                null,
                PgdLoop.Settings.of(PgdUpdate.of(Rule.SIGN, 1), 4),
                (step, iterate, gradient) -> {
                  seen.add(at(iterate, 0));
                  gradient.fill_(new Scalar(-1.0));
                  return losses[step];
                },
                NEVER);
    assertEquals(List.of(0f, 1f, 2f, 3f), seen);
    assertEquals(1, result.bestStep());
    assertEquals(1f, at(result.best(), 5));
    assertEquals(4f, at(x, 5));
    assertEquals(Math.sqrt(6), result.steps().get(0).gradientNorm(), 1e-6);
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void staysInTheBallAroundTheStartOrACenter(Provider provider) {
    PgdUpdate update = PgdUpdate.of(Rule.L2, 0.4).within(Ball.L2, 1);
    Tensor far = torch.full(new long[] {2, 3}, new Scalar(100.0));
    Tensor x = start();
    PgdLoop.of(provider).run(x, null, PgdLoop.Settings.of(update, 5), distanceFrom(far), NEVER);
    assertEquals(1, x.norm().item_double(), 1e-6);
    Tensor center = torch.full(new long[] {2, 3}, new Scalar(10.0));
    PgdLoop.of(provider).run(x, center, PgdLoop.Settings.of(update, 10), distanceFrom(far), NEVER);
    assertEquals(1, x.sub(center).norm().item_double(), 1e-5);
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void accumulatedSignsStayTheFirst(Provider provider) {
    Tensor x = start();
    LossAndGradient turning =
        (step, iterate, gradient) -> {
          gradient.fill_(new Scalar(step == 0 ? 0.5 : -0.5));
          return 0.5;
        };
    PgdUpdate update = PgdUpdate.of(Rule.SIGN_ADAM, 0.01);
    PgdLoop.of(provider).run(x, null, new PgdLoop.Settings(update, 6, -1, true), turning, NEVER);
    assertEquals(-0.06f, at(x, 0), 1e-6f);
    PgdLoop.of(provider).run(x, null, new PgdLoop.Settings(update, 2, -1, false), turning, NEVER);
    assertTrue(at(x, 0) > -0.07f);
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void stopsOnToleranceCancelAndNonFiniteNumbers(Provider provider) {
    PgdLoop loop = PgdLoop.of(provider);
    PgdUpdate update = PgdUpdate.of(Rule.SIGN, 1);
    double[] losses = {4, 2, 1.75, 0, 0, 0};
    LossAndGradient table =
        (step, iterate, gradient) -> {
          gradient.fill_(new Scalar(-1.0));
          return losses[step];
        };
    Tensor x = start();
    PgdLoop.Result still = loop.run(x, null, new PgdLoop.Settings(update, 6, 0.5, false), table, NEVER);
    assertEquals(PgdLoop.Stop.TOLERANCE, still.stop());
    assertEquals(3, still.steps().size());
    assertEquals(2, still.bestStep());
    assertEquals(2f, at(x, 0));

    int[] asked = new int[1];
    PgdLoop.Result cancelled = loop.run(start(), null, PgdLoop.Settings.of(update, 6), table, () -> ++asked[0] == 3);
    assertEquals(PgdLoop.Stop.CANCELLED, cancelled.stop());
    assertEquals(2, cancelled.steps().size());

    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      losses[2] = bad;
      x = start();
      PgdLoop.Result notFinite = loop.run(x, null, PgdLoop.Settings.of(update, 6), table, NEVER);
      assertEquals(PgdLoop.Stop.NOT_FINITE, notFinite.stop());
      assertEquals(3, notFinite.steps().size());
      assertEquals(1, notFinite.bestStep());
      assertEquals(1f, at(notFinite.best(), 0));
      assertEquals(2f, at(x, 0));
    }
    PgdLoop.Result badGradient =
        loop.run(
            start(),
            null,
            PgdLoop.Settings.of(update, 6),
            (step, iterate, gradient) -> {
              gradient.fill_(new Scalar(Double.NaN));
              return 1;
            },
            NEVER);
    assertEquals(PgdLoop.Stop.NOT_FINITE, badGradient.stop());
    assertEquals(-1, badGradient.bestStep());
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void noStepsLeaveTheStart(Provider provider) {
    Tensor x = torch.ones(2, 3);
    PgdLoop.Settings none = PgdLoop.Settings.of(PgdUpdate.of(Rule.SIGN, 1), 0);
    PgdLoop.Result result = PgdLoop.of(provider).run(x, null, none, distanceFrom(x), NEVER);
    assertEquals(PgdLoop.Stop.STEPS, result.stop());
    assertEquals(-1, result.bestStep());
    assertTrue(result.steps().isEmpty());
    assertTrue(torch.equal(result.best(), x));
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void whatTheLossThrowsComesThrough(Provider provider) {
    PgdLoop loop = PgdLoop.of(provider);
    PgdLoop.Settings settings = PgdLoop.Settings.of(PgdUpdate.of(Rule.SIGN, 1), 5);
    RuntimeException exception = new IllegalStateException("at step 2");
    Error error = new AssertionError("at step 2");
    for (Throwable thrown : new Throwable[] {exception, error}) {
      Tensor x = start();
      LossAndGradient failing =
          (step, iterate, gradient) -> {
            if (step == 2) {
              throw PgdLoopTest.<RuntimeException>unchecked(thrown);
            }
            gradient.fill_(new Scalar(-1.0));
            return 1;
          };
      assertSame(thrown, assertThrows(thrown.getClass(), () -> loop.run(x, null, settings, failing, NEVER)));
      assertEquals(2f, at(x, 0));
    }
    Error cancelFails = new AssertionError("in cancelled");
    assertSame(
        cancelFails,
        assertThrows(
            AssertionError.class,
            () ->
                loop.run(
                    start(),
                    null,
                    settings,
                    distanceFrom(start()),
                    () -> {
                      throw cancelFails;
                    })));
    assertEquals(5, loop.run(start(), null, settings, distanceFrom(start()), NEVER).steps().size());
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T unchecked(Throwable thrown) throws T {
    throw (T) thrown;
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void loopsNest(Provider provider) {
    PgdLoop loop = PgdLoop.of(provider);
    PgdLoop.Settings settings = PgdLoop.Settings.of(PgdUpdate.of(Rule.SIGN, 1), 2);
    List<Integer> order = new ArrayList<>();
    LossAndGradient inner =
        (step, x, gradient) -> {
          order.add(step);
          gradient.fill_(new Scalar(1.0));
          return 1;
        };
    LossAndGradient outer =
        (step, x, gradient) -> {
          order.add(10 + step);
          loop.run(start(), null, settings, inner, NEVER);
          gradient.fill_(new Scalar(1.0));
          return 1;
        };
    Tensor x = start();
    loop.run(x, null, settings, outer, NEVER);
    assertEquals(List.of(10, 0, 1, 11, 0, 1), order);
    assertEquals(-2f, at(x, 0));
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void badArgumentsAreNamed(Provider provider) {
    PgdLoop loop = PgdLoop.of(provider);
    PgdLoop.Settings settings = PgdLoop.Settings.of(PgdUpdate.of(Rule.SIGN, 1), 2);
    Tensor strided = start().t();
    IllegalArgumentException layout =
        assertThrows(
            IllegalArgumentException.class,
            () -> loop.run(strided, null, settings, distanceFrom(strided), NEVER));
    assertTrue(layout.getMessage().contains("x must be contiguous"), layout.getMessage());
    IllegalArgumentException shape =
        assertThrows(
            IllegalArgumentException.class,
            () -> loop.run(start(), torch.zeros(3, 2), settings, distanceFrom(start()), NEVER));
    assertTrue(shape.getMessage().contains("center must have the shape of x, [2, 3]"), shape.getMessage());
    assertThrows(IllegalArgumentException.class, () -> PgdLoop.Settings.of(settings.update(), -1));
    assertThrows(IllegalArgumentException.class, () -> PgdUpdate.of(Rule.SIGN, Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> settings.update().within(Ball.L2, -1));
    assertThrows(IllegalArgumentException.class, () -> settings.update().clamped(1, 0));
    assertThrows(IllegalArgumentException.class, () -> new PgdUpdate.Adam(1, 0.9, 0));
    assertFalse(settings.accumulateGradient());
  }
}
