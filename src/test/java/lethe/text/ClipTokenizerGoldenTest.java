package lethe.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import lethe.GoldenPipeline;
import lethe.tensor.Scope;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClipTokenizerGoldenTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#tokenizers")
  void givesTheReferencesIds(Path folder) throws IOException {
    ClipTokenizer tokenizer = ClipTokenizer.load(folder);
    JsonNode rows = JSON.readTree(folder.resolve("ids.json").toFile());
    assertTrue(rows.size() > 0);
    for (JsonNode row : rows) {
      String prompt = row.get("prompt").asText();
      assertArrayEquals(JSON.convertValue(row.get("ids"), int[].class), tokenizer.encodePadded(prompt), prompt);
    }
  }

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void givesThePipelinesIds(Path folder) throws IOException {
    try (Scope scope = new Scope();
        GoldenPipeline golden = new GoldenPipeline(folder)) {
      ClipTokenizer tokenizer = ClipTokenizer.load(folder.resolve("tokenizer"));
      JsonNode prompts = golden.json().get("prompts");
      Tensor ids = golden.tensor("tokenizer/ids");
      assertEquals(ids.size(0), prompts.size());
      for (int i = 0; i < prompts.size(); i++) {
        long[] expected = new long[(int) ids.size(1)];
        new LongPointer(ids.select(0, i).contiguous().data_ptr()).get(expected);
        int[] actual = tokenizer.encodePadded(prompts.get(i).asText());
        assertArrayEquals(expected, java.util.Arrays.stream(actual).asLongStream().toArray(), prompts.get(i).asText());
      }
    }
  }
}
