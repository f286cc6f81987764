package lethe.model.unet;

import static lethe.GoldenPipeline.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Supplier;
import lethe.GoldenSets;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.Linear;
import lethe.model.layer.PredictionPass;
import lethe.model.layer.SamplingPass;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Latents that pass with several contexts give what they would give copied, one row for each context. */
class SharedRowsTest {
  private static final long LATENTS = 2;

  /** @param attends whether the first down block does; else even its skip connections are shared */
  private static UNet unet(boolean attends) {
    ObjectNode config = Checkpoint.open(GoldenSets.pipelines().findFirst().orElseThrow()).config(Component.UNET);
    if (!attends) {
      ((ArrayNode) config.get("down_block_types")).set(0, "DownBlock2D");
      ArrayNode up = (ArrayNode) config.get("up_block_types");
      up.set(up.size() - 1, "UpBlock2D");
    }
    return UNet.initial(UNetConfig.of(config), 7, DType.F32);
  }

  private static Tensor latents(UNet unet) {
    torch.manual_seed(1);
    return torch.randn(new long[] {LATENTS, unet.config().inChannels(), 16, 24});
  }

  private static Tensor contexts(UNet unet, long rows) {
    torch.manual_seed(2);
    return torch.randn(new long[] {rows, 77, unet.config().crossAttentionDim()});
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void areWhatCopiesWouldBe(boolean attends) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        UNet unet = unet(attends)) {
      Tensor x = latents(unet);
      Tensor contexts = contexts(unet, 3 * LATENTS);
      Tensor timestep = Tensor.create(261L);
      Tensor copied = unet.forward(torch.cat(new TensorVector(x, x, x), 0), timestep, contexts);
      assertClose(copied, unet.forward(x, timestep, contexts), 1e-5, 1e-5, "three contexts each");
    }
  }

  /** Counts how often text is projected. */
  private static final class Counting implements AttentionPass {
    int projections;

    @Override
    public Tensor selfAttention(Tensor q, Tensor k, Tensor v, boolean causal) {
      return PredictionPass.INSTANCE.selfAttention(q, k, v, causal);
    }

    @Override
    public Tensor crossAttention(Tensor q, Tensor k, Supplier<Tensor> v) {
      return PredictionPass.INSTANCE.crossAttention(q, k, v);
    }

    @Override
    public Tensor projectText(Linear projection, Tensor context) {
      projections++;
      return AttentionPass.super.projectText(projection, context);
    }

    @Override
    public Tensor cut(Tensor x) {
      return x;
    }
  }

  @Test
  void aSamplersStepsSeeTheirTextAsEveryPassDoes() {
    Counting counting = new Counting();
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        UNet unet = unet(true);
        SamplingPass steps = new SamplingPass(counting)) {
      Tensor x = latents(unet);
      Tensor contexts = contexts(unet, 2 * LATENTS);
      for (long t : new long[] {981, 261, 1}) {
        Tensor timestep = Tensor.create(t);
        Tensor expected = unet.forward(x, timestep, contexts);
        assertClose(expected, unet.forward(x, timestep, contexts, steps), 0, 0, "timestep " + t);
      }
      assertEquals(2 * unet.crossAttentionLayers(), counting.projections); // keys and values, in the first step only
    }
  }

  @Test
  void refusesRowsThatDoNotFit() {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        UNet unet = unet(true)) {
      Tensor x = latents(unet);
      Tensor three = contexts(unet, 3);
      Tensor four = contexts(unet, 4);
      Tensor timesteps = Tensor.create(1L, 2L);
      assertThrows(IllegalArgumentException.class, () -> unet.forward(x, Tensor.create(1L), three));
      assertThrows(IllegalArgumentException.class, () -> unet.forward(x, timesteps, four));
    }
  }
}
