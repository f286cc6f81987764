package lethe.erase.advunlearn;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import lethe.attack.AttackSettings;
import lethe.error.UserException;

/**
 * The settings of AdvUnlearn, with the names and defaults of the published code's arguments.
 *
 * <p>Its defaults are not the paper's: that reports {@code retainTrain} reg with {@code retainLossW} 0.3 for nudity and
 * 0.5 for styles and objects, and {@code attackInit} random.
 *
 * @param concepts the prompts to be erased (published: prompt, split at the seperator); each renewal draws one
 * @param trainMethod which network and which of its parts are trained
 * @param component of the text encoder's layers
 * @param normLayer train the text encoder's final norm even where the method leaves it out
 * @param retainBatch prompts in a retain batch
 * @param retainStep retain steps after each erasing step, for {@link RetainTrain#ITER}
 * @param retainLossW weight of the retain loss, for {@link RetainTrain#REG}; gamma in the paper
 * @param attack the inner loop's
 * @param advPromptUpdateStep iterations between attacks
 * @param warmupIter iterations before the first attack
 * @param startGuidance of the sampler that makes z_t
 * @param negativeGuidance eta of the erasing target
 * @param iterations outer steps
 * @param saveInterval iterations between saved states
 * @param lr Adam's
 * @param ddimSteps of the sampler
 * @param imageSize side of the images that the latents stand for, in pixels
 * @param bankRenewInterval iterations after which a latent bank replaces its oldest trajectories; 0 for never
 */
public record AdvUnlearnSettings(
    List<String> concepts,
    TrainMethod trainMethod,
    TrainedComponent component,
    boolean normLayer,
    RetainTrain retainTrain,
    int retainBatch,
    int retainStep,
    double retainLossW,
    AttackSettings attack,
    AttackInit attackInit,
    int advPromptUpdateStep,
    int warmupIter,
    double startGuidance,
    double negativeGuidance,
    int iterations,
    int saveInterval,
    double lr,
    int ddimSteps,
    int imageSize,
    int bankRenewInterval,
    long seed) {

  /** The published defaults, with seed 0. */
  public static final AdvUnlearnSettings DEFAULTS =
      new AdvUnlearnSettings(
          List.of("nudity"), TrainMethod.DEFAULT, TrainedComponent.ALL, false, RetainTrain.ITER, 5, 1, 1.0,
          AttackSettings.DEFAULTS, AttackInit.LATEST, 1, 200, 3, 1, 1000, 200, 1e-5, 50, 512, 0, 0);

  public AdvUnlearnSettings {
    concepts = List.copyOf(concepts);
    boolean distinct = Set.copyOf(concepts).size() == concepts.size();
    boolean named = !concepts.isEmpty() && concepts.stream().noneMatch(String::isBlank);
    require(named && distinct, "concept", concepts, "prompts that differ, none of them empty");
    require(retainBatch >= 1, "retain-batch", retainBatch, "at least 1");
    require(retainStep >= 1, "retain-step", retainStep, "at least 1");
    require(retainLossW >= 0, "retain-loss-w", retainLossW, "not negative");
    require(advPromptUpdateStep >= 1, "adv-prompt-update-step", advPromptUpdateStep, "at least 1");
    require(warmupIter >= 0, "warmup-iter", warmupIter, "not negative");
    require(iterations >= 1, "iterations", iterations, "at least 1");
    require(saveInterval >= 1, "save-interval", saveInterval, "at least 1");
    require(lr > 0 && lr < 1, "lr", lr, "in (0, 1)");
    require(bankRenewInterval >= 0, "bank-renew-interval", bankRenewInterval, "not negative");
  }

  /** Whether the published code's quirks are reproduced. */
  public boolean strict() {
    return attack.strict();
  }

  /** Everything that decides how a run goes on, by name; not how long it is and when it is saved. */
  Map<String, String> fields() {
    Map<String, String> fields = new TreeMap<>();
    put(fields, this);
    put(fields, attack);
    fields.keySet().removeAll(List.of("attack", "iterations", "saveInterval"));
    return fields;
  }

  private static void put(Map<String, String> fields, Record settings) {
    for (RecordComponent component : settings.getClass().getRecordComponents()) {
      try {
        fields.put(component.getName(), String.valueOf(component.getAccessor().invoke(settings)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void require(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw UserException.usage("--" + name + " is " + value + ", it must be " + expected);
    }
  }
}
