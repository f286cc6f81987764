package lethe.model.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import lethe.GoldenPipeline;
import lethe.GoldenSets;
import lethe.checkpoint.Checkpoint;
import lethe.kernel.Provider;
import lethe.model.SamplingSettings;
import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Maps of whole tiny networks are the probabilities that a softmax, written out, gives at the same layers. */
class AttentionMapPassTest {
  private static final long[] TOKENS = {2, 5};
  private static final int IMAGES = 2;

  static Stream<Arguments> runs() {
    return GoldenSets.pipelines()
        .flatMap(folder -> Stream.of(Provider.values()).map(provider -> Arguments.of(folder, provider)));
  }

  /** Keeps what a pass attends to, as plainly as it can be written. */
  private static final class Written implements AttentionPass {
    final List<Tensor> maps = new ArrayList<>(); // [IMAGES, M, h, w] each
    final long height;
    final long width;

    Written(Tensor latents) {
      height = latents.size(2);
      width = latents.size(3);
    }

    @Override
    public Tensor selfAttention(Tensor q, Tensor k, Tensor v, boolean causal) {
      return PredictionPass.INSTANCE.selfAttention(q, k, v, causal);
    }

    @Override
    public Tensor crossAttention(Tensor q, Tensor k, Supplier<Tensor> v) {
      Tensor scores = q.matmul(k.transpose(2, 3)).div(new Scalar(Math.sqrt(q.size(3))));
      Tensor probabilities = torch.softmax(scores, 3).mean(1); // [2 * IMAGES, N, T]
      Tensor conditional = probabilities.narrow(0, IMAGES, IMAGES);
      TensorVector chosen = new TensorVector();
      for (long token : TOKENS) {
        chosen.push_back(conditional.select(2, token));
      }
      long factor = Math.round(Math.sqrt((double) height * width / q.size(2)));
      Tensor map = torch.stack(chosen, 1).view(IMAGES, TOKENS.length, height / factor, width / factor);
      maps.add(Scope.own(torch.upsample_bilinear2d(map, new long[] {height, width}, false)));
      return PredictionPass.INSTANCE.crossAttention(q, k, v);
    }

    @Override
    public Tensor cut(Tensor x) {
      return x;
    }

    Tensor mean() {
      TensorVector all = new TensorVector();
      maps.forEach(all::push_back);
      return torch.stack(all, 0).mean(0);
    }
  }

  @ParameterizedTest
  @MethodSource("runs")
  void areTheProbabilitiesOfTheConditionalHalf(Path folder, Provider provider) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        StableDiffusion model = StableDiffusion.load(Checkpoint.open(folder))) {
      int side = model.nativeResolution();
      Tensor start = model.startLatents(List.of(3L, 4L), side, side);
      assertTrue(start.size(2) <= AttentionMapPass.SIDE, "every layer of the tiny models counts");
      Tensor contexts = model.encodePrompts(List.of("a photo of a red church", "a photo of a blue dog"));
      SamplingSettings settings = new SamplingSettings("", "", "ddim", 3, 4);
      Written written = new Written(start);
      Tensor expectedLatents = model.sample(start, contexts, settings, written, step -> {});
      try (AttentionMapPass pass = new AttentionMapPass(provider, IMAGES, start.size(2), start.size(3), TOKENS)) {
        Tensor latents = model.sample(start, contexts, settings, pass, step -> {});
        assertEquals(3 * model.unet().crossAttentionLayers(), written.maps.size());
        GoldenPipeline.assertClose(expectedLatents, latents, 0, 0, "collecting maps changes nothing");
        GoldenPipeline.assertClose(written.mean(), pass.maps(), 1e-6, 1e-5, "maps");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void finerLayersAreLeftOutAndCoarserOnesFollowTheLatentsShape(Provider provider) {
    try (Scope scope = new Scope();
        AttentionMapPass pass = new AttentionMapPass(provider, 1, 24, 20, 1)) {
      Tensor k = torch.randn(1, 2, 77, 8);
      Tensor fine = torch.randn(1, 2, 24 * 20, 8);
      pass.crossAttention(fine, k, () -> k);
      assertThrows(IllegalStateException.class, pass::maps);
      Tensor coarse = torch.randn(1, 2, 12 * 10, 8);
      pass.crossAttention(coarse, k, () -> k);
      Tensor expected =
          torch.softmax(coarse.matmul(k.transpose(2, 3)).div(new Scalar(Math.sqrt(8))), 3).mean(1).select(2, 1);
      GoldenPipeline.assertClose(expected.view(1, 1, 12, 10), pass.maps(), 1e-6, 1e-5, "the one layer that counts");
      Tensor odd = torch.randn(1, 2, 7, 8);
      assertThrows(IllegalArgumentException.class, () -> pass.crossAttention(odd, k, () -> k));
    }
  }
}
