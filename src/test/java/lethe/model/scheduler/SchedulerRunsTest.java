package lethe.model.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Whole runs against what diffusers computes; see src/test/resources/schedulers/README.md. */
class SchedulerRunsTest {
  private static final double RELATIVE_ERROR = 1e-5;

  private static JsonNode fixture;

  @BeforeAll
  static void read() throws IOException {
    JsonMapper mapper = JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();
    try (InputStream json = SchedulerRunsTest.class.getResourceAsStream("/schedulers/runs.json")) {
      fixture = mapper.readTree(json);
    }
  }

  @TestFactory
  Stream<DynamicTest> endsWhereDiffusersDoes() {
    assertEquals(242, fixture.get("runs").size());
    return StreamSupport.stream(fixture.get("runs").spliterator(), false)
        .map(run -> DynamicTest.dynamicTest(name(run), () -> assertEndsAsRecorded(run)));
  }

  private static String name(JsonNode run) {
    return run.get("scheduler").asText() + ", " + run.get("steps") + " steps, eta " + run.get("eta") + ", "
        + run.get("config");
  }

  private static void assertEndsAsRecorded(JsonNode run) {
    double[] expected = doubles(run.get("latents"));
    try (Scope scope = new Scope();
        Generator generator = torch.make_generator_cpu();
        Scheduler scheduler = create(run, generator)) {
      int steps = run.get("steps").asInt();
      // A second run on the same object must not see anything of the first.
      for (int repetition = 0; repetition < 2; repetition++) {
        generator.set_current_seed(fixture.get("eta_seed").asLong());
        scheduler.setTimesteps(steps);
        assertArrayEquals(doubles(run.get("timesteps")), scheduler.timesteps(), 1e-3);
        assertEquals(1, scheduler.initNoiseSigma() / run.get("init_noise_sigma").asDouble(), 1e-6);
        assertClose(expected, integrate(scheduler));
      }
    }
  }

  private static Scheduler create(JsonNode run, Generator generator) {
    SchedulerConfig config = SchedulerConfig.of(run.get("config"));
    double eta = run.get("eta").asDouble();
    return eta > 0
        ? new DdimScheduler(config, eta, generator)
        : Schedulers.create(run.get("scheduler").asText(), config);
  }

  private static float[] integrate(Scheduler scheduler) {
    double[] timesteps = scheduler.timesteps();
    Tensor sample = start().mul(new Scalar(scheduler.initNoiseSigma()));
    for (int i = 0; i < timesteps.length; i++) {
      // Every tensor but the next sample is freed, so that a scheduler relying on its caller's would fail.
      try (Scope step = new Scope()) {
        Tensor output = model(scheduler.scaleModelInput(sample, i), timesteps[i]);
        sample = step.keep(scheduler.step(output, i, sample));
      }
    }
    float[] latents = new float[(int) sample.numel()];
    sample.contiguous().data_ptr_float().get(latents);
    return latents;
  }

  private static Tensor start() {
    double[] values = doubles(fixture.get("start"));
    float[] start = new float[values.length];
    for (int i = 0; i < start.length; i++) {
      start[i] = (float) values[i];
    }
    long[] shape = Arrays.stream(doubles(fixture.get("shape"))).mapToLong(size -> (long) size).toArray();
    return Tensor.create(start, shape);
  }

  private static Tensor model(Tensor input, double timestep) {
    return input.mul(new Scalar(0.3 * Math.cos(timestep / 200))).add(new Scalar(0.1f));
  }

  private static void assertClose(double[] expected, float[] actual) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
      norm += expected[i] * expected[i];
    }
    double relative = Math.sqrt(error / norm);
    assertTrue(relative <= RELATIVE_ERROR, "relative error " + relative);
  }

  private static double[] doubles(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToDouble(JsonNode::doubleValue).toArray();
  }
}
