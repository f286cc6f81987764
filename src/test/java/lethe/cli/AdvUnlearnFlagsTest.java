package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import lethe.erase.advunlearn.TrainMethod;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The options of the published tool (OPTML-Group/AdvUnlearn, train-scripts/AdvUnlearn.py). */
class AdvUnlearnFlagsTest {
  private static final Map<String, Flag<?>> FLAGS =
      new EraseAdvUnlearnCommand().syntax().flags().stream().collect(Collectors.toMap(Flag::name, Function.identity()));

  @ParameterizedTest
  @CsvSource({
    "start_guidance, 3",
    "negative_guidance, 1",
    "seperator,",
    "image_size, 'the checkpoint''s own, 512 for Stable Diffusion 1.x'",
    "ddim_steps, 50",
    "retain_batch, 5",
    "retain_train, iter",
    "retain_step, 1",
    "retain_loss_w, 1",
    "train_method, text_encoder_full",
    "norm_layer,",
    "component, all",
    "iterations, 1000",
    "save_interval, 200",
    "lr, 1e-5",
    "adv_prompt_num, 1",
    "attack_embd_type, word_embd",
    "attack_type, prefix_k",
    "attack_init, latest",
    "attack_step, 30",
    "adv_prompt_update_step, 1",
    "attack_lr, 0.001",
    "warmup_iter, 200"
  })
  void everyPublishedOptionHasItsNameAndDefault(String published, String fallback) {
    Flag<?> flag = FLAGS.get(published.replace('_', '-'));
    assertNotNull(flag, published);
    assertEquals(fallback, flag.fallbackText());
  }

  @Test
  void thePublishedChoicesAreAllThere() {
    String layers = "0, 01, 012, 0123, 01234, 012345, 0123456, 01234567, 012345678, 0123456789, 012345678910,"
        + " 01234567891011, 0_11, 01_1011, 012_91011";
    for (String layer : layers.split(", ")) {
      assertNotNull(new TrainMethod("text_encoder_layer" + layer));
    }
    List<String> ofUnet = List.of("noxattn", "selfattn", "xattn", "full", "notime", "xlayer", "selflayer");
    ofUnet.forEach(name -> assertNotNull(new TrainMethod(name)));
    assertEquals(1 + 15 + ofUnet.size(), TrainMethod.NAMES.size());
    assertEquals(
        "prefix_k|suffix_k|replace_k|add|mid_k|insert_k|per_k_words", AdvUnlearnFlags.ATTACK_TYPE.argument());
  }
}
