package lethe.model.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import lethe.error.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchedulerConfigTest {
  @Test
  void namesTheConfigsOwnScheduler() {
    for (SchedulerClass type : SchedulerClass.values()) {
      assertEquals(type.shortName(), config(type.className(), "").name());
      assertTrue(Schedulers.NAMES.contains(type.shortName()));
    }
    assertEquals(SchedulerClass.values().length, Schedulers.NAMES.size());
  }

  @Test
  void unknownClassesNameTheSupportedOnes() {
    String message = assertThrows(UserException.class, () -> config("DDPMScheduler", "")).getMessage();
    assertTrue(message.contains("\"DDPMScheduler\"") && message.contains("LMSDiscreteScheduler"), message);
  }

  @Test
  void unknownSettingsAreErrorsUnlessTheyAreOff() {
    String message = assertThrows(UserException.class, () -> pndm(", 'beta_strat': 0.1")).getMessage();
    assertTrue(message.contains("\"beta_strat\""), message);
    assertDoesNotThrow(() -> pndm(", 'new_feature': false, 'other': null, '_private': 3"));
    assertDoesNotThrow(() -> pndm(", 'clip_sample': true, 'solver_order': 3"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "pndm    | 'prediction_type': 'sample'        | one of epsilon, v_prediction",
        "ddim    | 'prediction_type': 'flow'          | one of epsilon, v_prediction, sample",
        "ddim    | 'timestep_spacing': 'even'         | one of leading, trailing, linspace",
        "ddim    | 'beta_schedule': 'sigmoid'         | one of linear, scaled_linear, squaredcos_cap_v2",
        "ddim    | 'beta_start': 'low'                | a number",
        "ddim    | 'num_train_timesteps': 0           | at least 1",
        "ddim    | 'steps_offset': 0.5                | an integer",
        "ddim    | 'clip_sample': 1                   | true or false",
        "lms     | 'trained_betas': [0.1, 0.2]        | as many numbers as num_train_timesteps (1000)",
        "lms     | 'use_beta_sigmas': true            | false",
        "euler   | 'timestep_type': 'continuous'      | discrete",
        "euler   | 'final_sigmas_type': 'half'        | one of zero, sigma_min",
        "dpm++2m | 'algorithm_type': 'sde-dpmsolver++' | dpmsolver++",
        "dpm++2m | 'solver_order': 3                  | 2",
        "dpm++2m | 'variance_type': 'learned'         | absent",
      })
  void valuesThatCannotBeUsedAreNamed(String name, String setting, String expected) {
    SchedulerConfig config = pndm(", " + setting);
    String message = assertThrows(UserException.class, () -> Schedulers.create(name, config).close()).getMessage();
    String key = setting.substring(1, setting.indexOf('\'', 1));
    assertTrue(message.startsWith("scheduler_config.json: \"" + key + "\" must be " + expected + " for "), message);
  }

  @Test
  void thresholdingIsRefused() {
    assertThrows(UserException.class, () -> pndm(", 'thresholding': true"));
    assertDoesNotThrow(() -> pndm(", 'thresholding': false"));
  }

  @Test
  void onlySpacingsThatAreNotTheClassesOwnAreCarriedOver() {
    assertArrayEquals(new double[] {999, 666, 333, 0}, eulerTimesteps("leading"));
    assertArrayEquals(new double[] {999, 749, 499, 249}, eulerTimesteps("trailing"));
    assertArrayEquals(new double[] {999, 666, 333, 0}, eulerTimesteps("linspace"));
  }

  @Test
  void theConfigsOwnClassKeepsItsSpacing() {
    SchedulerConfig config = config("EulerDiscreteScheduler", ", 'timestep_spacing': 'leading'");
    try (Scheduler scheduler = Schedulers.create(null, config)) {
      scheduler.setTimesteps(4);
      assertArrayEquals(new double[] {750, 500, 250, 0}, scheduler.timesteps());
    }
  }

  private static double[] eulerTimesteps(String pndmSpacing) {
    try (Scheduler scheduler = Schedulers.create("euler", pndm(", 'timestep_spacing': '" + pndmSpacing + "'"))) {
      scheduler.setTimesteps(4);
      return scheduler.timesteps();
    }
  }

  private static SchedulerConfig pndm(String settings) {
    return config("PNDMScheduler", settings);
  }

  /** {@code settings} is JSON in single quotes, starting with a comma. */
  private static SchedulerConfig config(String className, String settings) {
    try {
      String json = "{'_class_name': '" + className + "'" + settings + "}";
      return SchedulerConfig.of(new ObjectMapper().readTree(json.replace('\'', '"')));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
