package lethe.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.checkpoint.ModelShape;
import lethe.error.UserException;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RandomModelTest {
  @TempDir Path folder;

  private Path write(String name, DType dtype, long seed) {
    Path out = folder.resolve(name);
    RandomModel.write(ModelShape.TINY, dtype, seed, out, written -> {});
    return out;
  }

  private static long parameters(ModelShape model, Component component) {
    return RandomModel.shapes(model).get(component).values().stream()
        .mapToLong(shape -> Arrays.stream(shape).reduce(1, Math::multiplyExact))
        .sum();
  }

  /** The totals of the published weights, without the text encoder's buffer of position numbers. */
  @Test
  void theSizesAreThePublishedOnes() {
    for (ModelShape model : List.of(ModelShape.SD_1_4, ModelShape.SD_1_5)) {
      assertEquals(859_520_964, parameters(model, Component.UNET));
      assertEquals(123_060_480, parameters(model, Component.TEXT_ENCODER));
      assertEquals(83_653_863, parameters(model, Component.VAE));
    }
    assertEquals(865_910_724, parameters(ModelShape.SD_2_1, Component.UNET));
    assertEquals(340_387_840, parameters(ModelShape.SD_2_1, Component.TEXT_ENCODER));
    assertEquals(83_653_863, parameters(ModelShape.SD_2_1, Component.VAE));
  }

  @Test
  void namesAndShapesAreThoseOfDiffusers() {
    Map<String, long[]> unet = RandomModel.shapes(ModelShape.SD_1_4).get(Component.UNET);
    assertEquals(686, unet.size());
    assertArrayEquals(
        new long[] {1280, 768}, unet.get("mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight"));
    assertArrayEquals(new long[] {320, 320, 1, 1}, unet.get("down_blocks.0.attentions.0.proj_in.weight"));
    Map<String, long[]> unet2 = RandomModel.shapes(ModelShape.SD_2_1).get(Component.UNET);
    assertArrayEquals(
        new long[] {1280, 1024}, unet2.get("mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight"));
    assertArrayEquals(new long[] {320, 320}, unet2.get("down_blocks.0.attentions.0.proj_in.weight"));
    assertEquals(248, RandomModel.shapes(ModelShape.SD_1_4).get(Component.VAE).size());
    assertEquals(196, RandomModel.shapes(ModelShape.SD_1_4).get(Component.TEXT_ENCODER).size());
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void drawsFiniteImagesFromAnyType(DType dtype) {
    try (Scope scope = new Scope();
        StableDiffusion model = StableDiffusion.load(Checkpoint.open(write("model", dtype, 0)))) {
      SamplingSettings settings = new SamplingSettings("a church", "", null, 3, 7.5);
      Tensor latents = model.sample(model.startLatents(0, 128, 128), settings, step -> {});
      Tensor image = model.decode(latents);
      assertTrue(image.isfinite().all().item_bool());
      double deviation = image.std().item_double();
      assertTrue(deviation > 0.01 && deviation < 100, "standard deviation " + deviation);
    }
  }

  @Test
  void holdsAllOfACheckpointInTheTypeAskedFor() {
    Checkpoint checkpoint = Checkpoint.open(write("model", DType.BF16, 0));
    assertEquals(List.of(), checkpoint.missing());
    for (Component component : List.of(Component.TEXT_ENCODER, Component.UNET, Component.VAE)) {
      assertEquals(
          Map.of(DType.BF16, parameters(ModelShape.TINY, component)),
          checkpoint.listing(component).parametersByDType());
    }
  }

  @Test
  void theSeedDecides() {
    Map<String, String> hashes = Checkpoint.open(write("a", DType.F32, 3)).hashes();
    assertEquals(hashes, Checkpoint.open(write("b", DType.F32, 3)).hashes());
    Map<String, String> others = Checkpoint.open(write("c", DType.F32, 4)).hashes();
    hashes.forEach((file, hash) -> assertFalse(others.containsValue(hash), file));
  }

  @Test
  void aFailureLeavesNothing() throws IOException {
    Path out = folder.resolve("model");
    assertThrows(
        IllegalStateException.class,
        () ->
            RandomModel.write(
                ModelShape.TINY,
                DType.F32,
                0,
                out,
                written -> {
                  if (written == 300) {
                    throw new IllegalStateException();
                  }
                }));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void whatExistsIsNotOverwritten() {
    Path out = write("model", DType.F32, 0);
    assertThrows(
        UserException.class, () -> RandomModel.write(ModelShape.TINY, DType.F32, 0, out, written -> {}));
  }
}
