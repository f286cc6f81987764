package lethe.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Both optimisers beside LibTorch's own AdamW and clip_grad_norm_, and beside the same in double. */
class OptimizerTest {
  private static final AdamWSettings CLIPPING = new AdamWSettings(1e-2, 0.9, 0.99, 1e-8, 0.1, 1.0);
  private static final int STEPS = 4;

  private Scope scope;

  @BeforeEach
  void openScope() {
    scope = new Scope();
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  private static List<Tensor> parameters(DType type) {
    torch.manual_seed(7);
    List<Tensor> parameters = new ArrayList<>();
    for (long[] shape : new long[][] {{33, 17}, {5}, {1}, {20000}, {3, 4, 3, 3}}) {
      parameters.add(torch.randn(shape).to(type.scalarType()).requires_grad_(true));
    }
    return parameters;
  }

  /** Gives every parameter but the second the gradient of that step. */
  private static void setGradients(List<Tensor> parameters, int step) {
    torch.manual_seed(100 + step);
    for (int i = 0; i < parameters.size(); i++) {
      Tensor parameter = parameters.get(i);
      Tensor gradient = torch.randn(parameter.sizes()).to(torch.ScalarType.BFloat16).to(parameter.scalar_type());
      if (i != 1) {
        parameter.mutable_grad().put(gradient);
      }
    }
  }

  private static double[] train(Optimizer optimizer, List<Tensor> parameters, int from, int to) {
    double[] norms = new double[to - from];
    for (int step = from; step < to; step++) {
      setGradients(parameters, step);
      norms[step - from] = optimizer.step();
      optimizer.zeroGradients();
    }
    return norms;
  }

  private static List<Tensor> libTorch(DType type, AdamWSettings settings) {
    List<Tensor> parameters = parameters(type);
    TensorVector vector = new TensorVector();
    parameters.forEach(vector::push_back);
    AdamWOptions options = new AdamWOptions(settings.learningRate());
    options.betas().put(0, settings.beta2()).put(1, settings.beta1());
    options.eps().put(settings.epsilon());
    options.weight_decay().put(settings.weightDecay());
    AdamW adamW = new AdamW(vector, options);
    for (int step = 0; step < STEPS; step++) {
      setGradients(parameters, step);
      if (settings.clips()) {
        torch.clip_grad_norm_(vector, settings.maxGradNorm());
      }
      adamW.step();
      adamW.zero_grad();
    }
    return parameters;
  }

  private static double distance(Tensor a, Tensor b) {
    try (NoGradGuard noGrad = new NoGradGuard()) {
      return a.to(DType.F64.scalarType()).sub(b.to(DType.F64.scalarType())).norm().item_double();
    }
  }

  @ParameterizedTest
  @CsvSource({"NATIVE, 1, 0.1", "COMPOSED, 1, 0.1", "NATIVE, Infinity, 0", "COMPOSED, Infinity, 0", "NATIVE, 1e9, 0.01"})
  void isAsGoodAsLibTorch(Provider provider, double maxGradNorm, double weightDecay) {
    AdamWSettings settings = new AdamWSettings(1e-2, 0.9, 0.99, 1e-8, weightDecay, maxGradNorm);
    List<Tensor> exact = libTorch(DType.F64, settings);
    List<Tensor> theirs = libTorch(DType.F32, settings);
    List<Tensor> ours = parameters(DType.F32);
    try (Optimizer optimizer = Optimizer.adamW(provider, ours, settings)) {
      for (double norm : train(optimizer, ours, 0, STEPS)) {
        assertEquals(settings.clips(), norm > 100 && norm < 200, "norm " + norm);
      }
    }
    for (int i = 0; i < ours.size(); i++) {
      double allowed = 2 * distance(theirs.get(i), exact.get(i)) + 4e-7 * exact.get(i).norm().item_double();
      double error = distance(ours.get(i), exact.get(i));
      assertTrue(error <= allowed, "parameter " + i + ": error " + error + ", allowed " + allowed);
      assertFalse(ours.get(i).grad().defined(), "gradients are dropped");
    }
    assertTrue(torch.equal(ours.get(1), parameters(DType.F32).get(1)), "no gradient, no step");
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void trainsNarrowParametersByWideMasters(Provider provider) {
    List<Tensor> narrow = parameters(DType.BF16);
    List<Tensor> wide = new ArrayList<>();
    narrow.forEach(parameter -> wide.add(parameter.detach().to(DType.F32.scalarType()).requires_grad_(true)));
    try (Optimizer ofNarrow = Optimizer.adamW(provider, narrow, CLIPPING);
        Optimizer ofWide = Optimizer.adamW(provider, wide, CLIPPING)) {
      train(ofNarrow, narrow, 0, STEPS);
      train(ofWide, wide, 0, STEPS);
      for (int i = 0; i < wide.size(); i++) {
        assertTrue(torch.equal(wide.get(i), ofNarrow.state().masters().get(i)), "master " + i);
        assertTrue(torch.equal(wide.get(i).to(DType.BF16.scalarType()), narrow.get(i)), "parameter " + i);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"NATIVE, F32", "COMPOSED, F32", "NATIVE, BF16", "COMPOSED, BF16"})
  void goesOnWhereItStopped(Provider provider, DType type) {
    List<Tensor> whole = parameters(type);
    try (Optimizer optimizer = Optimizer.adamW(provider, whole, CLIPPING)) {
      train(optimizer, whole, 0, STEPS);
    }
    List<Tensor> first = parameters(type);
    List<Tensor> second = parameters(type);
    try (Optimizer stopped = Optimizer.adamW(provider, first, CLIPPING);
        Optimizer resumed = Optimizer.adamW(provider, second, CLIPPING)) {
      train(stopped, first, 0, 2);
      resumed.restore(stopped.state());
      assertEquals(2, resumed.state().steps());
      train(resumed, second, 2, STEPS);
    }
    for (int i = 0; i < whole.size(); i++) {
      assertTrue(torch.equal(whole.get(i), second.get(i)), "parameter " + i);
    }
  }

  @Test
  void takesGradientsInAnyLayout() {
    Tensor parameter = torch.ones(3, 4).requires_grad_(true);
    Tensor other = torch.ones(3, 4).requires_grad_(true);
    Tensor gradient = torch.randn(4, 3).transpose(0, 1);
    parameter.mutable_grad().put(gradient);
    other.mutable_grad().put(gradient.contiguous());
    try (Optimizer optimizer = new FusedAdamW(List.of(parameter, other), CLIPPING)) {
      optimizer.step();
    }
    assertTrue(torch.equal(parameter, other));
  }

  @Test
  void stateOutlivesScopesUntilClosed() {
    List<Tensor> parameters = parameters(DType.F32);
    Optimizer optimizer;
    try (Scope inner = new Scope()) {
      optimizer = Optimizer.adamW(Provider.NATIVE, parameters, CLIPPING);
    }
    Tensor moment = optimizer.state().expAvg().get(0);
    train(optimizer, parameters, 0, 1);
    assertTrue(moment.norm().item_double() > 0);
    optimizer.close();
    assertTrue(moment.isNull());
  }

  @Test
  void badArgumentsAreNamed() {
    assertRefused("learning rate", () -> AdamWSettings.of(Double.NaN));
    assertRefused("beta1", () -> new AdamWSettings(1, 1, 0.9, 1e-8, 0, 1));
    assertRefused("gradient norm", () -> new AdamWSettings(1, 0.9, 0.9, 1e-8, 0, 0));
    Tensor narrow = torch.zeros(2).to(DType.BF16.scalarType());
    assertRefused("all fp32 or all bf16", () -> new FusedAdamW(List.of(torch.zeros(2), narrow), CLIPPING));
    assertRefused("contiguous", () -> new ComposedAdamW(List.of(torch.zeros(2, 3).transpose(0, 1)), CLIPPING));
    try (Optimizer one = new ComposedAdamW(List.of(torch.zeros(2)), CLIPPING);
        Optimizer two = new ComposedAdamW(List.of(torch.zeros(3)), CLIPPING)) {
      assertRefused("another shape", () -> one.restore(two.state()));
    }
  }

  private static void assertRefused(String message, Runnable call) {
    IllegalArgumentException error = assertThrows(IllegalArgumentException.class, call::run);
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }

  /** LibTorch's meta device stands in for a GPU, where the native one does not run. */
  @Test
  void theComposedOneStepsOnAnyDevice() {
    Tensor parameter = Device.META.place(parameters(DType.F32).get(0)).detach().requires_grad_(true);
    AdamWSettings settings = AdamWSettings.of(1e-2);
    try (Optimizer optimizer = Optimizer.adamW(Provider.NATIVE.on(Device.META), List.of(parameter), settings)) {
      parameter.mutable_grad().put(torch.zeros_like(parameter));
      optimizer.step();
      assertEquals(Device.META, Device.of(optimizer.state().expAvg().get(0)));
    }
    assertThrows(
        IllegalArgumentException.class, () -> Optimizer.adamW(Provider.NATIVE, List.of(parameter), settings));
  }
}
