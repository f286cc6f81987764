package lethe.erase.advunlearn.latents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import lethe.GoldenPipeline;
import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FreshLatentsTest {
  private static final List<String> PROMPTS = List.of("a photo of chair", "a photo of dog", "a photo of tree");
  private static final LatentSettings SETTINGS = new LatentSettings("church", PROMPTS, 2, 3, 4, 64, 7);

  private Scope scope;
  private StableDiffusion model;
  private StableDiffusion original;

  @BeforeEach
  void loadModels() {
    scope = new Scope();
    model = LatentFixtures.tinyModel();
    original = LatentFixtures.tinyModel();
  }

  @AfterEach
  void closeModels() {
    original.close();
    model.close();
    scope.close();
  }

  @Test
  void bothLossesOfADrawShareTheTimestepAsPublished() {
    try (FreshLatents fresh = fresh(SETTINGS)) {
      for (long draw = 0; draw < 5; draw++) {
        ErasingLatents erasing = fresh.erasing(draw);
        RetainLatents retain = fresh.retain(draw, 3);
        assertEquals(2, retain.timesteps().numel());
        assertTrue(retain.timesteps().eq(erasing.timesteps()).all().item_bool());
      }
    }
  }

  @Test
  void theCurrentUNetSamplesAndTheFrozenOnePredicts() {
    try (FreshLatents fresh = fresh(SETTINGS)) {
      Tensor before = fresh.erasing(1).latents();
      model.unet().parameters().get("conv_out.bias").add_(new Scalar(0.1f));
      ErasingLatents trained = fresh.erasing(1);
      assertFalse(before.equal(trained.latents()));
      Tensor context = original.encodePrompts(List.of("church"));
      Tensor expected =
          new UNetPredictor(original.unet()).predict(trained.latents(), trained.timesteps(), context);
      GoldenPipeline.assertComponentClose(expected, trained.conditional(), "e_p");
    }
  }

  @Test
  void promptsKeepTheEncodingsOfTheOriginalTextEncoder() {
    try (FreshLatents fresh = fresh(SETTINGS)) {
      ErasingLatents before = fresh.erasing(2);
      model.textEncoder().parameters().get("final_layer_norm.bias").add_(new Scalar(0.1f));
      ErasingLatents after = fresh.erasing(2);
      assertTrue(before.latents().equal(after.latents()) && before.conditional().equal(after.conditional()));
    }
  }

  @Test
  void withoutRetainPromptsThereIsNoRetainBatch() {
    try (FreshLatents fresh = fresh(new LatentSettings("church", List.of(), 5, 3, 4, 64, 7))) {
      assertThrows(IllegalStateException.class, () -> fresh.retain(0, 0));
    }
  }

  private FreshLatents fresh(LatentSettings settings) {
    return new FreshLatents(model, new UNetPredictor(model.unet()), new UNetPredictor(original.unet()), settings);
  }
}
