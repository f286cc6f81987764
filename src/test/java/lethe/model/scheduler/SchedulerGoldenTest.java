package lethe.model.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SchedulerGoldenTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void timestepsAreThoseOfDiffusers(Path pipeline) throws IOException {
    JsonNode golden = JSON.readTree(pipeline.resolve("golden.json").toFile());
    for (String name : Schedulers.NAMES) {
      try (Scheduler scheduler = Schedulers.create(name, config(pipeline))) {
        scheduler.setTimesteps(golden.at("/pipeline/steps").asInt());
        JsonNode expected = golden.get("timesteps_" + name.replace("++", "pp"));
        assertArrayEquals(
            StreamSupport.stream(expected.spliterator(), false).mapToDouble(JsonNode::doubleValue).toArray(),
            scheduler.timesteps(),
            name);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void scheduleIsThatOfDiffusers(Path pipeline) throws IOException {
    NoiseSchedule schedule = NoiseSchedule.of(config(pipeline));
    float[] expected = read(pipeline.resolve("golden.safetensors"), "schedule/alphas_cumprod");
    assertEquals(expected.length, schedule.trainTimesteps());
    for (int t = 0; t < expected.length; t++) {
      assertTrue(Math.abs(schedule.alphaCumprod(t) - expected[t]) <= Math.ulp(expected[t]), "t = " + t);
    }
  }

  private static SchedulerConfig config(Path pipeline) throws IOException {
    return SchedulerConfig.of(JSON.readTree(pipeline.resolve("scheduler/scheduler_config.json").toFile()));
  }

  private static float[] read(Path safetensors, String key) throws IOException {
    try (FileChannel file = FileChannel.open(safetensors)) {
      ByteBuffer bytes = file.map(MapMode.READ_ONLY, 0, file.size()).order(ByteOrder.LITTLE_ENDIAN);
      byte[] header = new byte[Math.toIntExact(bytes.getLong())];
      bytes.get(header);
      JsonNode entry = JSON.readTree(new String(header, StandardCharsets.UTF_8)).get(key);
      int from = entry.at("/data_offsets/0").asInt();
      float[] values = new float[(entry.at("/data_offsets/1").asInt() - from) / Float.BYTES];
      bytes.slice(bytes.position() + from, values.length * Float.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(values);
      return values;
    }
  }
}
