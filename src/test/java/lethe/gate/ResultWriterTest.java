package lethe.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultWriterTest {
  private static final Path RECORDED = Path.of("src/test/resources/gate/recorded-base.json");
  private static final Surroundings MACHINE = new Surroundings(Map.of("cpu", "a processor", "threads", "2"));

  @TempDir Path folder;

  @Test
  void filesBecomeForksInTheirOrder() throws IOException {
    Path out = folder.resolve("merged.json");
    ResultWriter.write(List.of(RECORDED, RECORDED, RECORDED), MACHINE, Optional.of("a run"), out);
    ResultFile merged = ResultFile.read(out);
    ResultFile single = ResultFile.read(RECORDED);
    assertEquals(single.measurements().keySet(), merged.measurements().keySet());
    merged.measurements().forEach((key, measurement) -> {
      assertEquals(3, measurement.forks());
      assertEquals(single.measurements().get(key).score(), measurement.score(), 1e-9);
    });
    assertEquals(Optional.of("a run"), merged.pairing());
    assertEquals("a processor", merged.surroundings().facts().get("cpu"));
  }

  @Test
  void whatJmhWroteStays() throws IOException {
    Path out = folder.resolve("one.json");
    ResultWriter.write(List.of(RECORDED), MACHINE, Optional.empty(), out);
    ObjectMapper mapper = new ObjectMapper();
    JsonNode before = mapper.readTree(RECORDED.toFile());
    JsonNode after = mapper.readTree(out.toFile());
    assertEquals(before.size(), after.size());
    for (int i = 0; i < before.size(); i++) {
      for (Map.Entry<String, JsonNode> field : before.get(i).properties()) {
        assertEquals(field.getValue(), after.get(i).get(field.getKey()), field.getKey());
      }
      assertTrue(after.get(i).has("lethe"));
    }
  }
}
