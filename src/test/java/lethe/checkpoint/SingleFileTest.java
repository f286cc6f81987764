package lethe.checkpoint;

import static lethe.checkpoint.RawSafeTensors.failure;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import lethe.checkpoint.Checkpoint.Format;
import lethe.error.UserException;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SingleFileTest {
  private static final String UNET = "model.diffusion_model.";
  private static final String VAE_QUERY = "first_stage_model.encoder.mid.attn_1.q.weight";
  private static final String CLIP = "cond_stage_model.transformer.text_model.";
  private static final String OPEN_CLIP = "cond_stage_model.model.";

  @TempDir Path folder;
  private Scope scope;

  @BeforeEach
  void openScope() {
    scope = new Scope();
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  /** Tensors whose sizes are those of the published models, as far as they tell these apart. */
  private static Map<String, Tensor> published(int crossAttentionDim) {
    Map<String, Tensor> tensors = new HashMap<>();
    tensors.put(UNET + "input_blocks.0.0.weight", torch.rand(320, 4, 3, 3));
    tensors.put(UNET + "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight", torch.rand(320, crossAttentionDim));
    tensors.put(VAE_QUERY, torch.rand(4, 4, 1, 1));
    return tensors;
  }

  private static Map<String, Tensor> sd1() {
    Map<String, Tensor> tensors = published(768);
    tensors.put(CLIP + "embeddings.token_embedding.weight", torch.rand(1514, 8));
    tensors.put(CLIP + "embeddings.position_ids", torch.ones(1, 77).to(DType.I64.scalarType()));
    return tensors;
  }

  private static Map<String, Tensor> sd2() {
    Map<String, Tensor> tensors = published(1024);
    tensors.put(OPEN_CLIP + "transformer.resblocks.0.attn.in_proj_weight", torch.rand(12, 4));
    tensors.put(OPEN_CLIP + "transformer.resblocks.23.ln_1.weight", torch.rand(4));
    tensors.put(OPEN_CLIP + "text_projection", torch.rand(4, 4));
    tensors.put(OPEN_CLIP + "logit_scale", torch.ones(1).view(new long[0]));
    return tensors;
  }

  private Path write(Map<String, Tensor> tensors) {
    Path file = folder.resolve("model.safetensors");
    SafeTensorsWriter.write(file, tensors, Map.of("format", "pt", "modelspec.title", "x", "modelspec.hash", "old"));
    return file;
  }

  @Test
  void theSizesChooseTheBuiltInConfigs() throws IOException {
    Checkpoint one = Checkpoint.open(write(sd1()));
    assertEquals(768, one.config(Component.UNET).get("cross_attention_dim").intValue());
    assertEquals("epsilon", one.config(Component.SCHEDULER).get("prediction_type").textValue());
    assertEquals("<|endoftext|>", one.config(Component.TOKENIZER).get("pad_token").textValue());
    assertEquals(List.of(), one.missing());
    assertTrue(one.tokenizerFolder().isEmpty());
    Files.delete(one.path());

    Checkpoint two = Checkpoint.open(write(sd2()));
    assertEquals(1024, two.config(Component.UNET).get("cross_attention_dim").intValue());
    assertEquals("v_prediction", two.config(Component.SCHEDULER).get("prediction_type").textValue());
    assertEquals("gelu", two.config(Component.TEXT_ENCODER).get("hidden_act").textValue());
    assertEquals("!", two.config(Component.TOKENIZER).get("pad_token").textValue());
  }

  @Test
  void otherSizesNeedAConfig() throws IOException {
    Path file = write(Map.of(UNET + "input_blocks.0.0.weight", torch.rand(8, 4, 3, 3)));
    assertTrue(failure(() -> Checkpoint.open(file)).contains("--config DIR"));
    Path config = TinyCheckpoint.write(folder.resolve("config"));
    assertEquals(32, Checkpoint.open(file, config).config(Component.UNET).get("cross_attention_dim").intValue());
    assertEquals(config.resolve("tokenizer"), Checkpoint.open(file, config).tokenizerFolder().orElseThrow());
    Path beside = Files.move(file, config.resolve("single.safetensors"));
    assertEquals(32, Checkpoint.open(beside).config(Component.UNET).get("cross_attention_dim").intValue());
  }

  @Test
  void aFolderNeedsNoConfig() throws IOException {
    Path config = TinyCheckpoint.write(folder.resolve("config"));
    UserException failure = assertThrows(UserException.class, () -> Checkpoint.open(config, config));
    assertEquals(UserException.USAGE, failure.exitCode());
  }

  @Test
  void fusedProjectionsAreSplitAndUnusedLayersLeftOut() {
    Map<String, Tensor> tensors = sd2();
    Tensor fused = tensors.get(OPEN_CLIP + "transformer.resblocks.0.attn.in_proj_weight");
    try (StateDict weights = Checkpoint.open(write(tensors)).weights(Component.TEXT_ENCODER)) {
      String attention = "encoder.layers.0.self_attn.";
      assertTrue(weights.take(attention + "q_proj.weight", 4, 4).equal(fused.narrow(0, 0, 4)));
      assertTrue(weights.take(attention + "k_proj.weight", 4, 4).equal(fused.narrow(0, 4, 4)));
      assertTrue(weights.take(attention + "v_proj.weight", 4, 4).equal(fused.narrow(0, 8, 4)));
      weights.requireAllTaken();
    }
  }

  @Test
  void aFusedProjectionMustHaveThreeParts() {
    Map<String, Tensor> tensors = sd2();
    tensors.put(OPEN_CLIP + "transformer.resblocks.0.attn.in_proj_weight", torch.rand(13, 4));
    assertTrue(failure(() -> Checkpoint.open(write(tensors)).weights(Component.TEXT_ENCODER)).contains("[13, 4]"));
  }

  @Test
  void attentionStoredAsLinearLayersIsReadToo() {
    Map<String, Tensor> tensors = sd1();
    tensors.put(VAE_QUERY, torch.rand(4, 4));
    try (StateDict weights = Checkpoint.open(write(tensors)).weights(Component.VAE)) {
      assertArrayEquals(new long[] {4, 4}, weights.shape("encoder.mid_block.attentions.0.to_q.weight"));
    }
  }

  @Test
  void knownExtrasAreFineAndUnknownOnesNamed() {
    Map<String, Tensor> tensors = sd1();
    tensors.put("alphas_cumprod", torch.ones(1000));
    tensors.put("model_ema.decay", torch.ones(1));
    tensors.put("first_stage_model.loss.logvar", torch.ones(1));
    Path file = write(tensors);
    Checkpoint.open(file).weights(Component.VAE).close();
    file.toFile().delete();
    tensors.put("lora_te_text", torch.ones(1));
    assertTrue(failure(() -> Checkpoint.open(write(tensors)).weights(Component.UNET)).contains("'lora_te_text'"));
  }

  @Test
  void unknownWeightsOfAComponentAreLeftOver() {
    Map<String, Tensor> tensors = sd1();
    tensors.put(UNET + "input_blocks.99.0.weight", torch.ones(1));
    Checkpoint checkpoint = Checkpoint.open(write(tensors));
    try (StateDict weights = checkpoint.weights(Component.UNET)) {
      weights.names().stream()
          .filter(name -> !name.contains("99"))
          .forEach(name -> weights.take(name, weights.shape(name)));
      assertTrue(failure(weights::requireAllTaken).contains("'" + UNET + "input_blocks.99.0.weight'"));
    }
    String message = failure(() -> checkpoint.saveAs(Format.DIFFUSERS_FOLDER, folder.resolve("out")));
    assertTrue(message.contains("input_blocks.99.0.weight"), message);
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @Test
  void missingComponentsAreNamed() {
    Map<String, Tensor> tensors = sd1();
    tensors.keySet().removeIf(key -> key.startsWith("cond_stage_model"));
    Checkpoint checkpoint = Checkpoint.open(write(tensors));
    assertEquals(List.of("cond_stage_model.transformer.*"), checkpoint.missing());
    assertTrue(failure(() -> checkpoint.weights(Component.TEXT_ENCODER)).contains("has no text_encoder"));
  }

  @Test
  void otherSafetensorsFilesAreRefused() {
    Path part = write(Map.of("conv_in.weight", torch.ones(1)));
    assertTrue(failure(() -> Checkpoint.open(part)).contains("not a whole checkpoint"));
    part.toFile().delete();
    Path large = write(Map.of("conditioner.embedders.1.model.ln_final.bias", torch.ones(1)));
    assertTrue(failure(() -> Checkpoint.open(large)).contains("XL"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.ckpt", "model.pt", "model.pth", "model.bin"})
  void picklesAreRefused(String name) throws IOException {
    Path pickle = Files.write(folder.resolve(name), new byte[] {1, 2, 3});
    assertTrue(failure(() -> Checkpoint.open(pickle)).contains("python -c"));
  }

  @Test
  void savingReplacesWeightsAndKeepsTheRest() {
    Map<String, Tensor> tensors = sd2();
    tensors.put("alphas_cumprod", torch.rand(1000));
    Checkpoint source = Checkpoint.open(write(tensors));
    Path out = folder.resolve("out.safetensors");
    Tensor key = torch.zeros(4, 4);
    Tensor query = torch.ones(4, 4);
    source.saveWith(
        Map.of(
            Component.TEXT_ENCODER, Map.of("encoder.layers.0.self_attn.k_proj.weight", key),
            Component.VAE, Map.of("encoder.mid_block.attentions.0.to_q.weight", query)),
        out);
    try (SafeTensors saved = SafeTensors.open(out)) {
      assertEquals(tensors.keySet(), new HashSet<>(saved.names()));
      assertEquals(Map.of("format", "pt", "modelspec.title", "x"), saved.metadata(), "an old hash would be wrong");
      String fusedName = OPEN_CLIP + "transformer.resblocks.0.attn.in_proj_weight";
      Tensor expected = tensors.get(fusedName).clone();
      expected.narrow(0, 4, 4).zero_();
      tensors.put(fusedName, expected);
      tensors.put(VAE_QUERY, query.view(4, 4, 1, 1));
      tensors.forEach((name, tensor) -> assertTrue(saved.tensor(name).equal(tensor), name));
    }
  }

  @Test
  void savingInAnotherTypeWritesThatType() {
    Checkpoint source = Checkpoint.open(write(sd1()));
    Path out = folder.resolve("out.safetensors");
    Tensor half = torch.ones(320, 4, 3, 3).to(DType.F16.scalarType());
    source.saveWith(Map.of(Component.UNET, Map.of("conv_in.weight", half)), out);
    try (StateDict weights = Checkpoint.open(out).weights(Component.UNET)) {
      assertEquals(DType.F16, weights.storedDType("conv_in.weight"));
    }
  }

  @Test
  void replacingWhatIsNotThereIsAMistakeInTheProgram() {
    Checkpoint source = Checkpoint.open(write(sd1()));
    Path out = folder.resolve("out.safetensors");
    for (Map<String, Tensor> wrong :
        List.of(Map.of("conv_in.weight", torch.ones(1)), Map.of("absent", torch.ones(1)))) {
      assertThrows(
          IllegalArgumentException.class, () -> source.saveWith(Map.of(Component.UNET, wrong), out));
      assertFalse(Files.exists(out));
    }
  }

  @Test
  void theOutputsNameMustSayWhatItIs() {
    Checkpoint source = Checkpoint.open(write(sd1()));
    assertTrue(failure(() -> source.saveAs(Format.SINGLE_FILE, folder.resolve("out"))).contains(".safetensors"));
    assertTrue(failure(() -> source.saveAs(Format.SINGLE_FILE, source.path())).contains("exists already"));
  }

  @Test
  void aFolderMadeOfAFileHasConfigsAndClipsTokenizer() throws IOException {
    Map<String, Tensor> tensors = sd1();
    tensors.put(UNET + "out.2.bias", torch.ones(4).mul(new Scalar(2f)));
    Path out = folder.resolve("out");
    Checkpoint.open(write(tensors)).saveAs(Format.DIFFUSERS_FOLDER, out);
    Checkpoint made = Checkpoint.open(out);
    assertEquals(List.of(), made.missing());
    String pipeline = Json.readObject(out.resolve("model_index.json")).get("_class_name").asText();
    assertEquals("StableDiffusionPipeline", pipeline);
    try (StateDict weights = made.weights(Component.UNET)) {
      assertEquals(2f, weights.take("conv_out.bias", 4).mean().item_float());
    }
    Path reference = Path.of("src/test/resources/golden/sd1-tiny/tokenizer");
    Path tokenizer = made.tokenizerFolder().orElseThrow();
    assertEquals(Json.readObject(reference.resolve("vocab.json")), Json.readObject(tokenizer.resolve("vocab.json")));
    assertEquals(
        Files.readAllLines(reference.resolve("merges.txt")), Files.readAllLines(tokenizer.resolve("merges.txt")));
  }

  @Test
  void clipsWholeVocabularyIsTheReference() throws IOException {
    ClipTokenizerFiles.write(folder, 49_408, BuiltInConfigs.STABLE_DIFFUSION_1.config(Component.TOKENIZER));
    Path reference = Path.of("src/test/resources/golden/clip-bpe/vocab.json");
    assertEquals(Json.readObject(reference), Json.readObject(folder.resolve("vocab.json")));
  }
}
