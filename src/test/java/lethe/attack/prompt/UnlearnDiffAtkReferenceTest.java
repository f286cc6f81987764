package lethe.attack.prompt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lethe.attack.prompt.PromptAttack.Search;
import lethe.checkpoint.Checkpoint;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** UnlearnDiffAtk step by step beside PyTorch: what {@code src/test/python/unlearndiffatk.py} prints. */
class UnlearnDiffAtkReferenceTest {
  private static final List<Double> LOSSES =
      List.of(
          1.1669620275497437, 1.1068756580352783, 1.1330288648605347, 1.1250450611114502, 1.0583889484405518,
          1.2269078493118286);
  private static final int[][] TOKENS = {{31, 423}, {1221, 1073}};

  @ParameterizedTest
  @EnumSource(Provider.class)
  void lossesAndTokensAreTheReferences(Provider provider) {
    TokenAttackSettings settings =
        new TokenAttackSettings(2, InsertionLocation.PREFIX_K, 3, 4, 0.01, 0.1, false, Criterion.L2, 5);
    try (Scope scope = new Scope();
        StableDiffusion model = StableDiffusion.load(Checkpoint.open(Path.of("src/test/resources/golden/sd1-tiny")))) {
      Generator generator = torch.make_generator_cpu(0);
      long side = model.unet().config().sampleSize();
      Tensor clean =
          torch.randn(new long[] {1, model.unet().config().inChannels(), side, side}, new GeneratorOptional(generator));
      TokenAttack attack =
          TokenAttack.unlearnDiffAtk(model, settings, PromptEncoder.TEXT, List.of(clean), provider);
      List<Double> losses = new ArrayList<>();
      try (Search search = attack.search(0, new AttackPrompt("a photo of a church", 0, 7.5))) {
        for (int[] expected : TOKENS) {
          assertArrayEquals(expected, search.next(losses::add).orElseThrow().tokens());
        }
      }
      for (int i = 0; i < LOSSES.size(); i++) {
        assertEquals(LOSSES.get(i), losses.get(i), 1e-4 * LOSSES.get(i), "loss of step " + (i + 1));
      }
    }
  }
}
