package lethe.model.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import lethe.error.UserException;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulersTest {
  static final List<String> NAMES = Schedulers.NAMES;

  @Test
  void namesAreReadWithoutNativeClasses() throws ReflectiveOperationException {
    Class<?> schedulers = Class.forName(Schedulers.class.getName(), true, new NoNativeClasses());
    assertEquals(NAMES, schedulers.getField("NAMES").get(null));
  }

  @Test
  void unknownNamesAreUsageErrors() {
    UserException error = assertThrows(UserException.class, () -> Schedulers.create("eular", config()));
    assertEquals(UserException.USAGE, error.exitCode());
    assertEquals("unknown scheduler 'eular'; choose one of pndm, ddim, euler, dpm++2m, lms", error.getMessage());
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void refusesStepCountsOutOfRange(String name) {
    try (Scheduler scheduler = Schedulers.create(name, config())) {
      assertThrows(UserException.class, () -> scheduler.setTimesteps(0));
      assertThrows(UserException.class, () -> scheduler.setTimesteps(1001));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pndm", "ddim"})
  void refusesTimestepsBeyondTheTrainedOnes(String name) {
    try (Scheduler scheduler = Schedulers.create(name, config())) {
      scheduler.setTimesteps(500);
      String message = assertThrows(UserException.class, () -> scheduler.setTimesteps(1000)).getMessage();
      assertTrue(message.contains("timestep 1000") && message.contains("steps_offset"), message);
    }
  }

  @Test
  void rungeKuttaStartNeedsFourSteps() {
    ObjectNode json = json();
    json.put("skip_prk_steps", false);
    try (Scheduler scheduler = Schedulers.create("pndm", SchedulerConfig.of(json))) {
      assertThrows(UserException.class, () -> scheduler.setTimesteps(3));
      scheduler.setTimesteps(4);
      assertEquals(13, scheduler.timesteps().length);
    }
  }

  @Test
  void trailingSpacingNeverLeavesTheSchedule() {
    ObjectNode json = json();
    json.put("timestep_spacing", "trailing");
    try (Scheduler scheduler = Schedulers.create("ddim", SchedulerConfig.of(json))) {
      // numpy's arange yields 62 elements here, the last of them timestep -1.
      scheduler.setTimesteps(61);
      assertEquals(61, scheduler.timesteps().length);
      assertEquals(15, scheduler.timesteps()[60]);
    }
  }

  @Test
  void zeroTerminalSnrStartsEulerAtAFiniteLevel() {
    ObjectNode json = json();
    json.put("_class_name", "EulerDiscreteScheduler");
    json.put("rescale_betas_zero_snr", true);
    try (Scheduler scheduler = Schedulers.create(null, SchedulerConfig.of(json))) {
      scheduler.setTimesteps(8);
      assertEquals(4096, scheduler.initNoiseSigma(), 1e-3);
    }
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void keepsTheSamplesShapeAndDtype(String name) {
    try (Scope scope = new Scope();
        Scheduler scheduler = Schedulers.create(name, config())) {
      scheduler.setTimesteps(4);
      Tensor sample = torch.ones(1, 4, 2, 6).to(ScalarType.BFloat16);
      for (int i = 0; i < scheduler.timesteps().length; i++) {
        Tensor input = scheduler.scaleModelInput(sample, i);
        assertEquals(DType.BF16, DType.of(input.scalar_type()));
        sample = scheduler.step(input, i, sample);
        assertEquals(DType.BF16, DType.of(sample.scalar_type()));
        assertArrayEquals(new long[] {1, 4, 2, 6}, sample.shape());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pndm", "dpm++2m", "lms"})
  void rememberedTensorsOutliveTheScopesOfTheirSteps(String name) {
    try (Scope scope = new Scope();
        Scheduler scheduler = Schedulers.create(name, config())) {
      scheduler.setTimesteps(8);
      Tensor sample = torch.ones(1, 4, 2, 2);
      for (int i = 0; i < scheduler.timesteps().length; i++) {
        try (Scope step = new Scope()) {
          sample = step.keep(scheduler.step(torch.ones(1, 4, 2, 2), i, sample));
        }
      }
      assertFalse(sample.isNull());
      assertTrue(sample.isfinite().all().item_bool());
    }
  }

  static SchedulerConfig config() {
    return SchedulerConfig.of(json());
  }

  /** Stable Diffusion's. */
  private static ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("_class_name", "PNDMScheduler");
    json.put("beta_start", 0.00085);
    json.put("beta_end", 0.012);
    json.put("beta_schedule", "scaled_linear");
    json.put("set_alpha_to_one", false);
    json.put("skip_prk_steps", true);
    json.put("steps_offset", 1);
    return json;
  }

  /** Defines this package's classes anew and has no LibTorch. */
  private static final class NoNativeClasses extends ClassLoader {
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("org.bytedeco.")) {
        throw new ClassNotFoundException(name + " must not be needed");
      }
      if (!name.startsWith("lethe.model.")) {
        return super.loadClass(name, resolve);
      }
      try (InputStream code = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = code.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
