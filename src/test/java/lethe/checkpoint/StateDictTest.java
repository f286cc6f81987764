package lethe.checkpoint;

import static lethe.checkpoint.RawSafeTensors.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lethe.checkpoint.ComponentWeights.StoredTensor;
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

class StateDictTest {
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

  private StateDict of(Component component, DType dtype, Map<String, Tensor> tensors) {
    Path file = folder.resolve(component.folder() + ".safetensors");
    SafeTensorsWriter.write(file, tensors);
    List<StoredTensor> stored =
        SafeTensorsHeader.read(file).tensors().entrySet().stream()
            .map(entry -> new StoredTensor(file, entry.getKey(), entry.getValue()))
            .toList();
    return new StateDict(
        new ComponentWeights(component, List.of(file), stored, DiffusersKeyMap.of(component)), dtype);
  }

  private StateDict unet(Map<String, Tensor> tensors) {
    return of(Component.UNET, DType.F32, tensors);
  }

  @Test
  void takesWhatIsThere() {
    try (StateDict weights = unet(Map.of("conv_in.weight", torch.ones(2, 3)))) {
      assertTrue(weights.contains("conv_in.weight"));
      assertFalse(weights.contains("conv_out.weight"));
      assertEquals(6f, weights.take("conv_in.weight", 2, 3).sum().item_float());
      weights.requireAllTaken();
    }
  }

  @Test
  void aMissingWeightIsNamed() {
    try (StateDict weights = unet(Map.of("a", torch.ones(2)))) {
      String message = failure(() -> weights.take("conv_in.weight", 2));
      String expected = folder.resolve("unet.safetensors") + ": weight 'conv_in.weight' of the unet";
      assertTrue(message.contains(expected), message);
    }
  }

  @Test
  void aWrongShapeIsNamedWithBothShapes() {
    try (StateDict weights = unet(Map.of("a", torch.ones(2, 3)))) {
      String message = failure(() -> weights.take("a", 3, 2));
      assertTrue(message.contains("[2, 3]") && message.contains("[3, 2]") && message.contains("'a'"), message);
      failure(() -> weights.take("a", 6));
    }
  }

  @Test
  void integersAreNoWeights() {
    try (StateDict weights = unet(Map.of("a", torch.ones(2).to(DType.I64.scalarType())))) {
      String message = failure(() -> weights.take("a", 2));
      assertTrue(message.contains("'a'") && message.contains("I64"), message);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void brokenElementsAreNamed(float value) {
    for (DType dtype : List.of(DType.F32, DType.F16, DType.BF16)) {
      Tensor broken = torch.ones(100).to(dtype.scalarType());
      broken.select(0, 57).fill_(new Scalar(value));
      try (StateDict weights = of(Component.UNET, DType.F32, Map.of(dtype.name(), broken))) {
        String message = failure(() -> weights.take(dtype.name(), 100));
        assertTrue(message.contains("'" + dtype.name() + "'") && message.contains("1 of its 100"), message);
      }
      folder.resolve("unet.safetensors").toFile().delete();
    }
  }

  @Test
  void hugeFiniteWeightsAreFine() {
    Tensor huge = torch.ones(4).mul(new Scalar(3e38f));
    try (StateDict weights = unet(Map.of("a", huge))) {
      assertTrue(weights.take("a", 4).equal(huge));
    }
  }

  @Test
  void convertsToTheTypeAskedForAndOnlyThenCopies() {
    Tensor half = torch.rand(10).to(DType.F16.scalarType());
    try (StateDict weights = unet(Map.of("half", half, "single", torch.ones(10)))) {
      assertEquals(DType.F16, weights.storedDType("half"));
      Tensor taken = weights.take("half", 10);
      assertTrue(taken.equal(half.to(DType.F32.scalarType())));
      assertEquals(
          weights.take("single", 10).data_ptr().address(), weights.take("single", 10).data_ptr().address());
    }
    folder.resolve("unet.safetensors").toFile().delete();
    try (StateDict weights = of(Component.UNET, DType.BF16, Map.of("half", half))) {
      assertEquals(DType.BF16, DType.of(weights.take("half", 10).scalar_type()));
    }
  }

  @Test
  void leftOversAreNamedAndCounted() {
    Map<String, Tensor> tensors =
        Map.of("a", torch.ones(1), "b", torch.ones(1), "c", torch.ones(1), "d", torch.ones(1), "e", torch.ones(1));
    try (StateDict weights = unet(tensors)) {
      weights.take("a", 1);
      String message = failure(weights::requireAllTaken);
      assertTrue(message.contains("4 weights of the unet") && message.contains("'b', 'c', 'd', ..."), message);
    }
  }

  @Test
  void oldTextEncoderNamesBecomeNew() {
    Map<String, Tensor> tensors =
        Map.of(
            "text_model.final_layer_norm.weight", torch.ones(2),
            "text_model.embeddings.position_ids", torch.ones(1, 77).to(DType.I64.scalarType()));
    try (StateDict weights = of(Component.TEXT_ENCODER, DType.F32, tensors)) {
      assertEquals(Set.of("final_layer_norm.weight"), weights.names());
      assertTrue(weights.source("final_layer_norm.weight").endsWith("'text_model.final_layer_norm.weight'"));
      weights.take("final_layer_norm.weight", 2);
      weights.requireAllTaken();
    }
  }

  @Test
  void oldVaeAttentionBecomesNew() {
    String attention = "encoder.mid_block.attentions.0.";
    Map<String, Tensor> tensors =
        Map.of(
            attention + "query.weight", torch.ones(2, 2),
            attention + "key.weight", torch.ones(2, 2, 1, 1),
            attention + "value.bias", torch.ones(2),
            attention + "proj_attn.weight", torch.ones(2, 2, 1, 1));
    try (StateDict weights = of(Component.VAE, DType.F32, tensors)) {
      weights.take(attention + "to_q.weight", 2, 2);
      weights.take(attention + "to_k.weight", 2, 2);
      weights.take(attention + "to_v.bias", 2);
      weights.take(attention + "to_out.0.weight", 2, 2);
      weights.requireAllTaken();
    }
  }

  @Test
  void oneWeightUnderTwoNamesIsRefused() {
    Map<String, Tensor> tensors =
        Map.of("final_layer_norm.bias", torch.ones(2), "text_model.final_layer_norm.bias", torch.ones(2));
    String message = failure(() -> of(Component.TEXT_ENCODER, DType.F32, tensors));
    assertTrue(message.contains("same weight as 'final_layer_norm.bias'"), message);
  }
}
