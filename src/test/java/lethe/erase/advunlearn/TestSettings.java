package lethe.erase.advunlearn;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import lethe.attack.AttackMethod;
import lethe.attack.AttackSettings;
import lethe.attack.EmbeddingKind;
import lethe.attack.Joining;
import lethe.kernel.PgdUpdate;

/** Settings that differ from the published ones as little as a test can do with. */
final class TestSettings {
  private TestSettings() {}

  /** The published quirks, the retain loss in the sum, and the rates of a golden run. */
  static AdvUnlearnSettings strictRegularised(JsonNode golden) {
    AdvUnlearnSettings d = AdvUnlearnSettings.DEFAULTS;
    return new AdvUnlearnSettings(
        List.of(golden.get("word").asText()), d.trainMethod(), d.component(), d.normLayer(), RetainTrain.REG,
        d.retainBatch(), d.retainStep(), golden.get("retain_weight").asDouble(), attack(30, true), d.attackInit(),
        d.advPromptUpdateStep(), d.warmupIter(), d.startGuidance(), golden.get("negative_guidance").asDouble(),
        d.iterations(), d.saveInterval(), golden.get("lr").asDouble(), d.ddimSteps(), d.imageSize(), 0, 0);
  }

  /** A run of a few seconds on a tiny model. */
  static AdvUnlearnSettings tiny(TrainMethod method, RetainTrain retainTrain, double lr) {
    AdvUnlearnSettings d = AdvUnlearnSettings.DEFAULTS;
    return new AdvUnlearnSettings(
        List.of("van gogh", "church"), method, d.component(), d.normLayer(), retainTrain, 2, 1, 0.5, attack(2, false),
        AttackInit.LATEST, 2, 1, d.startGuidance(), d.negativeGuidance(), 6, 4, lr, 4, 128, 0, 3);
  }

  private static AttackSettings attack(int steps, boolean strict) {
    return new AttackSettings(
        AttackMethod.ADAM, steps, 1e-2, Joining.PREFIX_K, EmbeddingKind.WORD_EMBD, 1, PgdUpdate.Ball.LINF,
        Double.POSITIVE_INFINITY, strict);
  }
}
