package lethe.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import lethe.checkpoint.Checkpoint.Format;
import lethe.tensor.Scope;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A model is bitwise the same from its folder and from its single file, whichever was converted from the other. */
class SingleFileGoldenTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void theReferenceSingleFileIsTheFolder(Path golden) {
    Path file = golden.resolve("single-file.safetensors");
    assumeTrue(Files.exists(file), "this set has no single file");
    Checkpoint single = Checkpoint.open(file);
    assertEquals(Format.SINGLE_FILE, single.format());
    assertSameWeights(Checkpoint.open(golden), single);
    assertEquals(golden.resolve("tokenizer").toAbsolutePath(), single.tokenizerFolder().orElseThrow().toAbsolutePath());
  }

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void ourSingleFileHasTheReferenceNames(Path golden) {
    Path reference = golden.resolve("single-file.safetensors");
    assumeTrue(Files.exists(reference), "this set has no single file");
    Path ours = temporary.resolve("ours.safetensors");
    Checkpoint.open(golden).saveAs(Format.SINGLE_FILE, ours);
    Set<String> expected = new TreeSet<>();
    SafeTensorsHeader.read(reference)
        .tensors()
        .forEach((key, info) -> expected.add(key + " " + Messages.shape(info.shape())));
    expected.removeIf(key -> key.contains("position_ids"));
    Set<String> actual = new TreeSet<>();
    SafeTensorsHeader.read(ours)
        .tensors()
        .forEach((key, info) -> actual.add(key + " " + Messages.shape(info.shape())));
    assertEquals(expected, actual);
  }

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void conversionsKeepEveryBit(Path golden) {
    Checkpoint folder = Checkpoint.open(golden);
    Path file = temporary.resolve("single.safetensors");
    folder.saveAs(Format.SINGLE_FILE, file);
    Checkpoint single = Checkpoint.open(file, golden);
    assertSameWeights(folder, single);

    Path back = temporary.resolve("back");
    single.saveAs(Format.DIFFUSERS_FOLDER, back);
    Checkpoint again = Checkpoint.open(back);
    assertSameWeights(folder, again);
    assertEquals(List.of(), again.missing());
    for (Component component : Component.values()) {
      assertEquals(folder.config(component), again.config(component));
    }

    Path copy = temporary.resolve("copy.safetensors");
    single.saveAs(Format.SINGLE_FILE, copy);
    assertSameWeights(folder, Checkpoint.open(copy, golden));
  }

  private static void assertSameWeights(Checkpoint expected, Checkpoint actual) {
    for (Component component : new Component[] {Component.TEXT_ENCODER, Component.UNET, Component.VAE}) {
      try (Scope scope = new Scope();
          StateDict left = expected.weights(component);
          StateDict right = actual.weights(component)) {
        assertEquals(new TreeSet<>(left.names()), new TreeSet<>(right.names()));
        for (String name : left.names()) {
          assertEquals(left.storedDType(name), right.storedDType(name));
          long[] shape = left.shape(name);
          assertTrue(left.take(name, shape).equal(right.take(name, shape)), name);
        }
      }
    }
  }
}
