package lethe.checkpoint;

import static lethe.checkpoint.RawSafeTensors.failure;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.stream.Stream;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
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
  void readsTheInfinityThatDiffusersWrites() throws IOException {
    Files.writeString(folder.resolve("scheduler/scheduler_config.json"), "{\"lambda_min_clipped\": -Infinity}");
    double written = open().config(Component.SCHEDULER).get("lambda_min_clipped").doubleValue();
    assertEquals(Double.NEGATIVE_INFINITY, written);
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

  @Test
  void savingReplacesOneComponentAndCopiesAllElse() throws IOException {
    Files.createDirectories(folder.resolve("extra/deep"));
    Files.write(folder.resolve("extra/deep/bytes.safetensors"), new byte[] {1, 2, 3});
    Files.writeString(folder.resolve("README.md"), "read me");
    Map<String, byte[]> before = contents(folder);
    Path out = temporary.resolve("out");
    Tensor bias = torch.ones(8).to(DType.F16.scalarType());
    open().saveWith(Map.of(Component.UNET, Map.of("conv_in.bias", bias)), out);

    Map<String, byte[]> after = contents(out);
    assertEquals(before.keySet(), after.keySet());
    before.forEach(
        (name, bytes) -> {
          if (!name.equals("unet/" + UNET)) {
            assertArrayEquals(bytes, after.get(name), name);
          }
        });
    try (StateDict old = open().weights(Component.UNET);
        StateDict weights = Checkpoint.open(out).weights(Component.UNET)) {
      assertEquals(DType.F16, weights.storedDType("conv_in.bias"));
      assertEquals(8f, weights.take("conv_in.bias", 8).sum().item_float());
      assertTrue(weights.take("conv_in.weight", 8, 4).equal(old.take("conv_in.weight", 8, 4)));
    }
  }

  @Test
  void savingKeepsTheSourcesNames() {
    Path out = temporary.resolve("out");
    open()
        .saveWith(
            Map.of(
                Component.TEXT_ENCODER, Map.of("final_layer_norm.bias", torch.ones(8)),
                Component.VAE, Map.of("encoder.mid_block.attentions.0.to_q.weight", torch.ones(8, 8))),
            out);
    assertEquals(
        Set.of("text_model.final_layer_norm.bias", "text_model.final_layer_norm.weight"),
        SafeTensorsHeader.read(out.resolve("text_encoder/model.safetensors")).tensors().keySet());
    assertEquals(
        Set.of("encoder.mid_block.attentions.0.query.weight"),
        SafeTensorsHeader.read(out.resolve("vae/" + UNET)).tensors().keySet());
  }

  @Test
  void savingShardsJoinsThem() throws IOException {
    shard(Map.of("a", "one.safetensors", "b", "two.safetensors"));
    Path out = temporary.resolve("out");
    open().saveWith(Map.of(Component.UNET, Map.of("b", torch.zeros(1))), out);
    assertEquals(Set.of("config.json", UNET), contents(out.resolve("unet")).keySet());
    try (StateDict weights = Checkpoint.open(out).weights(Component.UNET)) {
      assertEquals(1f, weights.take("a", 1).item_float());
      assertEquals(0f, weights.take("b", 1).item_float());
    }
  }

  @Test
  void savingUnchangedComponentsCopiesTheirShards() throws IOException {
    shard(Map.of("a", "one.safetensors", "b", "two.safetensors"));
    Path out = temporary.resolve("out");
    open().saveWith(Map.of(Component.VAE, Map.of()), out);
    assertEquals(
        Set.of("config.json", "one.safetensors", "two.safetensors", UNET_INDEX),
        contents(out.resolve("unet")).keySet());
  }

  /** Whoever loads the source with {@code variant="fp16"} must be able to load the result the same way. */
  @Test
  void savingAVariantKeepsItsName() throws IOException {
    Files.move(unet(UNET), unet("diffusion_pytorch_model.fp16.safetensors"));
    Path out = temporary.resolve("out");
    open().saveWith(Map.of(Component.UNET, Map.of("conv_in.bias", torch.ones(8))), out);
    assertEquals(
        Set.of("config.json", "diffusion_pytorch_model.fp16.safetensors"),
        contents(out.resolve("unet")).keySet());
  }

  /** An erased checkpoint must not carry the old weights along under another name. */
  @Test
  void savingLeavesOutOtherCopiesOfTheOldWeights() throws IOException {
    for (String copy :
        List.of("diffusion_pytorch_model.fp16.safetensors", "diffusion_pytorch_model.bin", "model.onnx", "a.msgpack")) {
      Files.writeString(unet(copy), "old weights");
    }
    SafeTensorsWriter.write(folder.resolve("whole.safetensors"), Map.of("model.diffusion_model.x", torch.ones(1)));
    SafeTensorsWriter.write(folder.resolve("numbers.safetensors"), Map.of("x", torch.ones(1)));
    Files.writeString(folder.resolve("whole.ckpt"), "old weights");
    Files.writeString(folder.resolve("unreadable.safetensors"), "old weights?");
    Files.writeString(folder.resolve("run.json"), "{}");
    Files.createDirectory(folder.resolve(".git"));
    Files.writeString(folder.resolve(".git/object"), "old weights");
    Path out = temporary.resolve("out");
    open().saveWith(Map.of(Component.UNET, Map.of("conv_in.bias", torch.ones(8))), out);
    Set<String> names = contents(out).keySet();
    assertEquals(Set.of("config.json", UNET), contents(out.resolve("unet")).keySet());
    assertTrue(names.contains("numbers.safetensors"));
    for (String old :
        List.of("whole.safetensors", "whole.ckpt", "unreadable.safetensors", "run.json", ".git/object")) {
      assertFalse(names.contains(old), old);
    }
  }

  /** Every file of a hub's cache is a link to another folder. */
  @Test
  void savingFollowsLinks() throws IOException {
    Path blob = temporary.resolve("blob");
    Files.move(folder.resolve("vae/" + UNET), blob);
    Files.createSymbolicLink(folder.resolve("vae/" + UNET), blob);
    Path out = temporary.resolve("out");
    open().saveWith(Map.of(Component.UNET, Map.of("conv_in.bias", torch.ones(8))), out);
    assertFalse(Files.isSymbolicLink(out.resolve("vae/" + UNET)));
    assertArrayEquals(Files.readAllBytes(blob), Files.readAllBytes(out.resolve("vae/" + UNET)));
  }

  @Test
  void savingNeverOverwritesAndLeavesNothingHalfWritten() throws IOException {
    Path out = Files.createDirectory(temporary.resolve("out"));
    String message = failure(() -> open().saveWith(Map.of(), out));
    assertTrue(message.contains(out + ": exists already"), message);

    Files.delete(out);
    Files.writeString(unet(UNET), "broken");
    Map<Component, Map<String, Tensor>> changed = Map.of(Component.UNET, Map.of("conv_in.bias", torch.ones(8)));
    message = failure(() -> open().saveWith(changed, out));
    assertTrue(message.contains(unet(UNET).toString()), message);
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(List.of(folder), left.toList());
    }
  }

  /** Relative names and bytes of all files. */
  private static Map<String, byte[]> contents(Path root) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(root.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return contents;
  }
}
