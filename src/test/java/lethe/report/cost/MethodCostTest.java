package lethe.report.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import lethe.checkpoint.Component;
import lethe.checkpoint.ModelShape;
import lethe.model.unet.UNetConfig;
import lethe.report.cost.MethodCost.Phase;
import org.junit.jupiter.api.Test;

class MethodCostTest {
  /** PyTorch's FlopCounterMode over a forward pass of diffusers' UNet2DConditionModel, batch 1, 77 tokens. */
  private static final long SD_1_4 = 803_273_441_280L;

  private static final long SD_2_1 = 2_149_105_745_920L;

  private static Phase phase(String method, ModelShape model, String name) {
    return MethodCost.of(method, model).stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void aUNetCostsWhatPyTorchCounts() {
    assertEquals(SD_1_4, forwardFlops(ModelShape.SD_1_4, 64), 0.02 * SD_1_4);
    assertEquals(SD_2_1, forwardFlops(ModelShape.SD_2_1, 96), 0.02 * SD_2_1);
  }

  private static long forwardFlops(ModelShape model, long side) {
    UNetConfig config = UNetConfig.of(model.config(Component.UNET));
    return new UNetCost(config).pass(1, side, side, 77, Gradients.NONE, false).forward().flops();
  }

  @Test
  void phasesComeAsOftenAsPublished() {
    assertEquals(735, phase("advunlearn", ModelShape.SD_1_4, "attack: sample z_t").times());
    assertEquals(15L * 859_520_964, phase("forget-me-not", ModelShape.SD_1_4, "AdamW over the UNet").work().flops());
    // All but the embeddings, 49,408 tokens and 77 positions of 768.
    long trained = 123_060_480 - (49_408 + 77) * 768;
    assertEquals(15 * trained, phase("advunlearn", ModelShape.SD_1_4, "Adam over the text encoder").work().flops());
    assertThrows(IllegalArgumentException.class, () -> MethodCost.of("esd", ModelShape.TINY));
  }
}
