package lethe.attack.prompt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import lethe.checkpoint.Checkpoint;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What attacks make lies on the model's device, and comes from the native kernels on the CPU only. LibTorch's meta
 * device stands in for a GPU; it neither looks up embeddings nor runs the networks, so no whole step can be tried.
 */
class AttackPlacementTest {
  private static final Checkpoint MODEL = Checkpoint.open(Path.of("src/test/resources/golden/sd1-tiny"));
  private static final TokenAttackSettings TOKENS = TokenAttackSettings.DEFAULTS;

  private static Tensor onMeta(long... shape) {
    return torch.zeros(shape, Device.META.options(DType.F32));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void distributionsOverTokens(boolean random) {
    try (Scope scope = new Scope();
        TokenDistributions variable =
            new TokenDistributions(
                onMeta(50, 8), TOKENS, random ? torch.make_generator_cpu(0) : null, Provider.NATIVE)) {
      assertEquals(Device.META, Device.of(variable.distributions()));
      assertEquals(Device.META, Device.of(variable.tokens()));
    }
  }

  @Test
  void conceptsToBeLearnt() {
    ConceptInversionSettings d = ConceptInversionSettings.DEFAULTS;
    double norm = 0.4; // the default is measured, which takes values
    ConceptInversionSettings settings =
        new ConceptInversionSettings(
            d.k(), d.steps(), d.learningRate(), d.weightDecay(), norm, "", d.templates(), d.criterion(), 0);
    try (Scope scope = new Scope();
        StableDiffusion model = StableDiffusion.load(MODEL, Device.META);
        ConceptInversion attack = new ConceptInversion(model, "church", settings, List.of(), Provider.NATIVE)) {
      assertEquals(Device.META, Device.of(attack.embeddings()));
    }
  }
}
