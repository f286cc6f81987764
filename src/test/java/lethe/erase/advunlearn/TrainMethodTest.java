package lethe.erase.advunlearn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import lethe.GoldenSets;
import lethe.checkpoint.Checkpoint;
import lethe.error.UserException;
import lethe.model.unet.UNet;
import lethe.tensor.Scope;
import org.junit.jupiter.api.Test;

/** The published selection of parameters, in the names of diffusers. */
class TrainMethodTest {
  private static final TrainedComponent ALL = TrainedComponent.ALL;

  private static List<Integer> layers(String method, boolean strict) {
    TrainMethod trained = new TrainMethod("text_encoder_" + method);
    return IntStream.range(0, 12)
        .filter(i -> trained.trainsText("encoder.layers." + i + ".mlp.fc1.weight", ALL, false, strict))
        .boxed()
        .toList();
  }

  @Test
  void choosesLayersOfTheTextEncoder() {
    assertEquals(12, layers("full", false).size());
    assertEquals(List.of(0), layers("layer0", false));
    assertEquals(List.of(0, 1), layers("layer01", false));
    assertEquals(List.of(0, 1, 10, 11), layers("layer01", true));
    assertEquals(List.of(0, 11), layers("layer0_11", false));
    assertEquals(List.of(0, 1, 2, 9, 10, 11), layers("layer012_91011", false));
    assertEquals(12, layers("layer01234567891011", false).size());
    assertThrows(UserException.class, () -> new TrainMethod("text_encoder_layer02"));
  }

  @Test
  void choosesPartsOfLayersAndTheFinalNorm() {
    TrainMethod full = TrainMethod.DEFAULT;
    String attention = "encoder.layers.0.self_attn.q_proj.weight";
    String mlp = "encoder.layers.0.mlp.fc1.bias";
    String norm = "encoder.layers.0.layer_norm1.weight";
    String finalNorm = "final_layer_norm.weight";
    assertTrue(full.trainsText(norm, ALL, false, false));
    assertTrue(full.trainsText(finalNorm, ALL, false, false));
    assertTrue(full.trainsText(attention, TrainedComponent.ATTN, false, false));
    assertFalse(full.trainsText(mlp, TrainedComponent.ATTN, false, false));
    assertFalse(full.trainsText(norm, TrainedComponent.FFN, false, false));
    assertFalse(full.trainsText(finalNorm, TrainedComponent.FFN, false, false));
    assertTrue(full.trainsText(finalNorm, TrainedComponent.FFN, true, false));
    assertFalse(new TrainMethod("text_encoder_layer0").trainsText(finalNorm, ALL, false, false));
    assertFalse(full.trainsText("embeddings.token_embedding.weight", ALL, true, false));
  }

  /** Counted in a model of Stable Diffusion's own layout: 16 transformers, each with attn1 and attn2. */
  @Test
  void choosesPartsOfTheUNet() {
    try (Scope scope = new Scope();
        UNet unet = UNet.load(Checkpoint.open(GoldenSets.pipelines().findFirst().orElseThrow()))) {
      assertEquals(unet.parameters().size(), count(unet, "full"));
      assertEquals(16 * 5, count(unet, "xattn"));
      assertEquals(16 * 5, count(unet, "selfattn"));
      assertEquals(2 * 5, count(unet, "xlayer"));
      assertEquals(2 * 5, count(unet, "selflayer"));
      int outAndTime = 4 + 4;
      assertEquals(unet.parameters().size() - outAndTime, count(unet, "notime"));
      assertEquals(unet.parameters().size() - outAndTime - 16 * 5, count(unet, "noxattn"));
      assertTrue(new TrainMethod("xlayer").trainsUnet(block("up_blocks.2.attentions.2.", "attn2"), unet.config()));
      assertTrue(new TrainMethod("selflayer").trainsUnet(block("down_blocks.2.attentions.0.", "attn1"), unet.config()));
    }
  }

  private static String block(String prefix, String attention) {
    return prefix + "transformer_blocks.0." + attention + ".to_q.weight";
  }

  private static long count(UNet unet, String method) {
    TrainMethod trained = new TrainMethod(method);
    return unet.parameters().keySet().stream().filter(name -> trained.trainsUnet(name, unet.config())).count();
  }
}
