package lethe.checkpoint;

import static lethe.checkpoint.RawSafeTensors.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiffusersFolderTest {
  private static final String UNET = "diffusion_pytorch_model.safetensors";
  private static final String UNET_INDEX = "diffusion_pytorch_model.safetensors.index.json";

  @TempDir Path temporary;
  private Path folder;
  private Scope scope;

  @BeforeEach
  void makeCheckpoint() throws IOException {
    scope = new Scope();
    folder = TinyCheckpoint.write(temporary.resolve("tiny"));
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  private Checkpoint open() {
    return Checkpoint.open(folder);
  }

  private Path unet(String file) {
    return folder.resolve("unet").resolve(file);
  }

  @Test
  void readsConfigsAndWeights() {
    assertEquals(32, open().config(Component.UNET).get("cross_attention_dim").intValue());
    assertEquals(Checkpoint.Format.DIFFUSERS_FOLDER, open().format());
    assertEquals(List.of(), open().missing());
    assertEquals(folder.resolve("tokenizer"), open().tokenizerFolder().orElseThrow());
    try (StateDict weights = open().weights(Component.UNET)) {
      assertEquals(Set.of("conv_in.weight", "conv_in.bias"), weights.names());
    }
  }

  @Test
  void listsWithoutReadingData() {
    ComponentListing listing = open().listing(Component.UNET);
    assertEquals(2, listing.weights().size());
    assertEquals(8 * 4 + 8, listing.parameters());
    assertEquals(Map.of(DType.F32, 40L), listing.parametersByDType());
    assertEquals(List.of(unet(UNET)), listing.files());
  }

  @Test
  void hashesTheWeightsFiles() throws Exception {
    Map<String, String> hashes = open().hashes();
    assertEquals(
        Set.of("unet/" + UNET, "vae/" + UNET, "text_encoder/model.safetensors"), hashes.keySet());
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(unet(UNET)));
    assertEquals(HexFormat.of().formatHex(digest), hashes.get("unet/" + UNET));
  }

  @Test
  void aVariantIsReadWhereThePlainFileIsAbsent() throws IOException {
    Files.move(unet(UNET), unet("diffusion_pytorch_model.fp16.safetensors"));
    try (StateDict weights = open().weights(Component.UNET)) {
      assertTrue(weights.source("conv_in.bias").contains("fp16"));
    }
    SafeTensorsWriter.write(unet(UNET), Map.of("plain", torch.ones(1)));
    try (StateDict weights = open().weights(Component.UNET)) {
      assertEquals(Set.of("plain"), weights.names());
    }
  }

  @Test
  void shardsAreJoined() throws IOException {
    shard(Map.of("a", "one.safetensors", "b", "two.safetensors"));
    try (StateDict weights = open().weights(Component.UNET)) {
      assertEquals(1f, weights.take("a", 1).item_float());
      assertEquals(2f, weights.take("b", 1).item_float());
      weights.requireAllTaken();
    }
  }

  @Test
  void shardsOfAVariantAreJoined() throws IOException {
    shard(Map.of("a", "one.safetensors", "b", "two.safetensors"));
    Files.move(unet(UNET_INDEX), unet("diffusion_pytorch_model.safetensors.index.fp16.json"));
    assertEquals(2, open().listing(Component.UNET).weights().size());
  }

  @Test
  void aMissingShardIsNamed() throws IOException {
    shard(Map.of("a", "one.safetensors", "b", "two.safetensors"));
    Files.delete(unet("two.safetensors"));
    String message = failure(() -> open().weights(Component.UNET));
    assertTrue(message.contains(unet("two.safetensors") + ": shard is missing"), message);
  }

  @Test
  void aShardMustHoldWhatTheIndexSays() throws IOException {
    shard(Map.of("a", "one.safetensors", "b", "one.safetensors"));
    String message = failure(() -> open().weights(Component.UNET));
    assertTrue(message.contains(unet("one.safetensors") + ": tensor 'b'"), message);
  }

  @Test
  void aShardMustHoldNothingElse() throws IOException {
    shard(Map.of("a", "one.safetensors"));
    Files.delete(unet("one.safetensors"));
    SafeTensorsWriter.write(unet("one.safetensors"), Map.of("a", torch.ones(1), "stranger", torch.ones(1)));
    String message = failure(() -> open().weights(Component.UNET));
    assertTrue(message.contains(unet("one.safetensors") + ": tensor 'stranger'"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../vae/" + UNET, "/etc/passwd", "one.bin"})
  void anIndexMustNotLeadElsewhere(String shard) throws IOException {
    shard(Map.of("a", shard));
    String message = failure(() -> open().weights(Component.UNET));
    assertTrue(message.contains(UNET_INDEX + ": tensor 'a'"), message);
  }

  private void shard(Map<String, String> weightMap) throws IOException {
    Files.delete(unet(UNET));
    SafeTensorsWriter.write(unet("one.safetensors"), Map.of("a", torch.ones(1)));
    SafeTensorsWriter.write(unet("two.safetensors"), Map.of("b", torch.ones(1).add(torch.ones(1))));
    ObjectNode index = new JsonMapper().createObjectNode();
    new TreeMap<>(weightMap).forEach(index.putObject("weight_map")::put);
    Files.writeString(unet(UNET_INDEX), index.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"diffusion_pytorch_model.bin", "diffusion_pytorch_model.fp16.bin", "x.ckpt", "x.pt", "x.pth"})
  void picklesAreRefusedWithTheWayOut(String name) throws IOException {
    Files.move(unet(UNET), unet(name));
    String message = failure(() -> open().weights(Component.UNET));
    assertTrue(message.contains(unet(name).toString()) && message.contains("can run code"), message);
    assertTrue(message.contains("python -c \"import torch, safetensors.torch"), message);
    assertEquals(List.of("unet/" + UNET), open().missing());
  }

  @Test
  void missingPartsAreNamed() throws IOException {
    Files.delete(unet(UNET));
    Files.delete(folder.resolve("vae/config.json"));
    assertEquals(List.of("unet/" + UNET, "vae/config.json"), open().missing());
    assertTrue(failure(() -> open().weights(Component.UNET)).contains(folder.resolve("unet") + ": has no " + UNET));
    assertTrue(failure(() -> open().config(Component.VAE)).contains(folder.resolve("vae/config.json").toString()));
  }

  @Test
  void brokenConfigsAreNamedWithTheLine() throws IOException {
    Files.writeString(unet("config.json"), "{\n\"a\": 1,\n\"b\": }\n");
    String message = failure(() -> open().config(Component.UNET));
    assertTrue(message.contains(unet("config.json") + ": line 3"), message);
    Files.writeString(unet("config.json"), "[]");
    assertTrue(failure(() -> open().config(Component.UNET)).contains("not a JSON object"));
  }

  @Test
  void otherFoldersAndPipelinesAreRefused() throws IOException {
    assertTrue(failure(() -> Checkpoint.open(temporary)).contains("model_index.json"));
    assertTrue(failure(() -> Checkpoint.open(temporary.resolve("absent"))).contains("no such file"));
    Path index = folder.resolve("model_index.json");
    Files.writeString(index, Files.readString(index).replace("AutoencoderKL", "AsymmetricAutoencoderKL"));
    assertTrue(failure(this::open).contains("vae is a AsymmetricAutoencoderKL"));
    Files.writeString(
        index,
        "{\"_class_name\":\"StableDiffusionXLPipeline\",\"text_encoder_2\":[\"transformers\",\"CLIPTextModel\"]}");
    assertTrue(failure(this::open).contains("StableDiffusionXLPipeline is not supported"));
  }
}
