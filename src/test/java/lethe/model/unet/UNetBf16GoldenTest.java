package lethe.model.unet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import lethe.GoldenPipeline;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A frozen UNet in bf16: its predictions, and the gradients that reach the text context through it. */
class UNetBf16GoldenTest {
  private static final int[] TIMESTEPS = {0, 1, 261, 981, 999};

  /** Errors are relative, of L2 norms. Those of diffusers in bf16, on the same sets, are 0.012 and 0.017. */
  private static final double PREDICTION_ERROR = 0.015;

  private static final double GRADIENT_ERROR = 0.02;

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void predictionsStayCloseToFp32(Path folder) throws IOException {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        GoldenPipeline golden = new GoldenPipeline(folder);
        UNet unet = UNet.load(golden.checkpoint(), DType.BF16, Device.CPU)) {
      assertEquals(DType.BF16, unet.dtype());
      for (int t : TIMESTEPS) {
        Tensor out =
            unet.forward(golden.tensor("unet/sample"), Tensor.create((long) t), golden.tensor("unet/context"));
        assertEquals(DType.F32, DType.of(out.scalar_type()));
        assertWithin(PREDICTION_ERROR, golden.tensor("unet/out_t" + t), out, "timestep " + t);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void gradientsOfTheContextStayCloseToFp32(Path folder) throws IOException {
    try (Scope scope = new Scope();
        GoldenPipeline golden = new GoldenPipeline(folder);
        UNet reference = UNet.load(golden.checkpoint());
        UNet unet = UNet.load(golden.checkpoint(), DType.BF16, Device.CPU)) {
      assertWithin(GRADIENT_ERROR, gradient(golden, reference), gradient(golden, unet), "gradient");
      assertTrue(unet.parameters().values().stream().noneMatch(parameter -> parameter.grad().defined()));
    }
  }

  /** Of the loss that an attack has, with any target. */
  private static Tensor gradient(GoldenPipeline golden, UNet unet) {
    try (Scope scope = new Scope()) {
      Tensor context = golden.tensor("unet/context").clone();
      context.set_requires_grad(true);
      Tensor target = golden.tensor("unet/sample");
      Tensor out = unet.forward(golden.tensor("unet/sample"), Tensor.create(500L), context);
      torch.mse_loss(out, target).backward();
      return scope.keep(context.grad().clone());
    }
  }

  private static void assertWithin(double bound, Tensor expected, Tensor actual, String what) {
    double error = actual.sub(expected).norm().item_double() / expected.norm().item_double();
    assertTrue(error <= bound, () -> what + ": relative error " + error);
    assertFalse(error == 0, () -> what + ": was not computed in bf16");
  }
}
