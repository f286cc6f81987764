package lethe.model.classifier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lethe.checkpoint.SafeTensorsWriter;
import lethe.error.UserException;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConceptClassifierTest {
  private static final ClassifierConfig CONFIG =
      new ClassifierConfig(
          16, new int[] {8, 16}, 4, List.of("church", "dog face"), List.of("a church", "a dog face"),
          List.of("noto", "ink"), "abc");

  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void save() {
    folder = temporary.resolve("judge");
    try (ConceptClassifier classifier = ConceptClassifier.initial(CONFIG, 1)) {
      classifier.save(folder);
    }
  }

  @Test
  void whatIsSavedIsLoaded() {
    try (Scope scope = new Scope();
        ConceptClassifier original = ConceptClassifier.initial(CONFIG, 1);
        ConceptClassifier loaded = ConceptClassifier.load(folder)) {
      assertEquals(CONFIG.concepts(), loaded.config().concepts());
      assertEquals(CONFIG.phrases(), loaded.config().phrases());
      assertEquals(CONFIG.styles(), loaded.config().styles());
      assertEquals("abc", loaded.config().datasetSha256());
      Tensor images = torch.ones(2, 3, 16, 16);
      ConceptClassifier.Logits logits = loaded.forward(images);
      assertArrayEquals(new long[] {2, 3}, logits.concept().shape());
      assertArrayEquals(new long[] {2, 2}, logits.style().shape());
      // Stored in half precision.
      assertTrue(torch.allclose(original.forward(images).concept(), logits.concept(), 1e-2, 1e-2, false));
    }
  }

  @Test
  void theSeedDecidesTheWeights() {
    try (Scope scope = new Scope();
        ConceptClassifier a = ConceptClassifier.initial(CONFIG, 1);
        ConceptClassifier b = ConceptClassifier.initial(CONFIG, 1);
        ConceptClassifier c = ConceptClassifier.initial(CONFIG, 2)) {
      String name = "conv_in.weight";
      assertTrue(a.parameters().get(name).equal(b.parameters().get(name)));
      assertTrue(!a.parameters().get(name).equal(c.parameters().get(name)));
    }
  }

  @Test
  void defectsOfTheConfigAreNamed() throws IOException {
    Path config = folder.resolve("config.json");
    String json = Files.readString(config);
    assertDefect(config, json.replace("\"concepts\"", "\"conzepts\""), "\"concepts\" is missing");
    assertDefect(config, json.replace("\"norm_num_groups\" : 4", "\"norm_num_groups\" : 3"), "multiples of norm_num_g");
    assertDefect(config, json.replace("\"dog face\"", "\"church\""), "names that differ");
    assertDefect(config, json.replace(", \"a dog face\"", ""), "one for each of the 2 concepts");
    assertDefect(config, json.replace("\"sample_size\"", "\"depth\": 3, \"sample_size\""), "unknown setting \"depth\"");
    assertDefect(config, "{", "is not JSON");
    Files.delete(config);
    assertDefect("is no classifier");
  }

  @Test
  void defectsOfTheWeightsAreNamed() throws IOException {
    Path config = folder.resolve("config.json");
    String json = Files.readString(config);
    assertDefect(config, json.replace("[ 8, 16 ]", "[ 8, 12 ]"), "its config asks for");
    assertDefect(config, json.replace("[ 8, 16 ]", "[ 8 ]"), "shape");
    assertDefect(config, json.replace("[ 8, 16 ]", "[ 8, 16, 16 ]"), "'levels.1.downsample.weight' is missing");
    Files.writeString(config, json);
    Path weights = folder.resolve("model.safetensors");
    Files.delete(weights);
    try (Scope scope = new Scope();
        ConceptClassifier original = ConceptClassifier.initial(CONFIG, 1)) {
      Map<String, Tensor> more = original.parametersAs(DType.F16);
      more.put("extra.weight", torch.ones(2));
      SafeTensorsWriter.write(weights, more);
      assertDefect("1 weights are unknown to its config: 'extra.weight'");
      Files.delete(weights);
      more.remove("extra.weight");
      more.put("style_head.bias", torch.ones(2).div(torch.zeros(2)));
      SafeTensorsWriter.write(weights, more);
      assertDefect("'style_head.bias' holds NaN or infinite");
    }
    Files.delete(weights);
    assertDefect("model.safetensors");
  }

  private void assertDefect(Path config, String json, String expected) throws IOException {
    String whole = Files.readString(config);
    Files.writeString(config, json);
    assertDefect(expected);
    Files.writeString(config, whole);
  }

  private void assertDefect(String expected) {
    UserException e = assertThrows(UserException.class, () -> ConceptClassifier.load(folder).close());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }
}
