package lethe.report.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import lethe.checkpoint.Component;
import lethe.checkpoint.ModelShape;
import lethe.erase.advunlearn.AdvUnlearnSettings;
import lethe.erase.advunlearn.latents.BankSettings;
import lethe.model.unet.UNetConfig;
import org.junit.jupiter.api.Test;

class MethodCostTest {
  /** PyTorch's FlopCounterMode over a forward pass of diffusers' UNet2DConditionModel, batch 1, 77 tokens. */
  private static final long SD_1_4 = 803_273_441_280L;

  private static final long SD_2_1 = 2_149_105_745_920L;

  private static Phase phase(List<Phase> phases, String name) {
    return phases.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
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
  void aForgetMeNotStepUpdatesWhatIsTrained() {
    ModelCost model = new ModelCost(ModelShape.SD_1_4::config);
    List<Phase> all = ForgetMeNotCost.phases(model, false);
    assertEquals(15L * 859_520_964, phase(all, "AdamW over all weights").work().flops());
    List<Phase> some = ForgetMeNotCost.phases(model, true);
    assertTrue(phase(some, "AdamW over cross-attention").flops() < phase(all, "AdamW over all weights").flops() / 10);
  }

  @Test
  void phasesComeAsOftenAsPublished() {
    ModelCost model = new ModelCost(ModelShape.SD_1_4::config);
    AdvUnlearnSettings published = AdvUnlearnSettings.DEFAULTS;
    List<Phase> fresh = AdvUnlearnCost.fresh(model, published);
    // Stops 0 to 49 come after 49, 49, 48, ... 1 of the sampler's steps: 25.48 on average.
    assertEquals(30 * 25.48, phase(fresh, "attack: sample z_t").times(), 1e-9);
    assertEquals(30, phase(fresh, "attack: forward").times());
    assertEquals(2, phase(fresh, "Adam over the text encoder").times(), "one update on either loss");
    // All but the embeddings, 49,408 tokens and 77 positions of 768.
    long trained = 123_060_480 - (49_408 + 77) * 768;
    assertEquals(15 * trained, phase(fresh, "Adam over the text encoder").work().flops());
  }

  @Test
  void aBanksFillingIsSpreadOverTheIterations() {
    ModelCost model = new ModelCost(ModelShape.SD_1_4::config);
    AdvUnlearnSettings published = AdvUnlearnSettings.DEFAULTS;
    List<Phase> bank = AdvUnlearnCost.bank(model, published, new BankSettings(null, null, 16, 2, 0), 100);
    assertEquals((16 + 200) * 49 / 1000.0, phase(bank, "bank: sample").times(), 1e-9);
    assertEquals((2 * 16 + 200) / 1000.0, phase(bank, "bank: frozen predictions").times(), 1e-9);
    assertTrue(bank.stream().noneMatch(phase -> phase.name().contains("z_t")));
  }
}
