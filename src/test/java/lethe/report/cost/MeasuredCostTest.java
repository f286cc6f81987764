package lethe.report.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import lethe.checkpoint.Checkpoint;
import lethe.erase.forgetmenot.AttentionResteering;
import lethe.erase.forgetmenot.ForgetMeNotSettings;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.profile.PhaseEvent;
import lethe.profile.Work;
import lethe.report.profile.Profile;
import lethe.report.profile.Recorder;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cost model beside what a real run of a small model records, operation by operation. */
class MeasuredCostTest {
  private static final double TOLERANCE = 0.02;
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final int TOKENS = 77;

  /** Operations and bytes. */
  private static void agree(Work estimate, Work measured, String what) {
    assertTrue(measured.flops() > 0 && measured.bytes() > 0, what + ": nothing was recorded");
    assertEquals(measured.flops(), estimate.flops(), TOLERANCE * measured.flops(), what + ": operations");
    assertEquals(measured.bytes(), estimate.bytes(), TOLERANCE * measured.bytes(), what + ": bytes");
  }

  private static void agree(Work estimate, Profile profile, String phase) {
    agree(estimate, profile.phaseWork(phase), phase);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd1-tiny", "sd2-tiny"})
  void aForwardPass(String name) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        StableDiffusion model = StableDiffusion.load(Checkpoint.open(GOLDEN.resolve(name)));
        Recorder recorder = new Recorder()) {
      Tensor context = torch.randn(2, TOKENS, model.unet().config().crossAttentionDim());
      try (PhaseEvent phase = PhaseEvent.of("unet")) {
        model.unet().forward(torch.randn(2, 4, 16, 24), Tensor.create(5f, 7f), context);
      }
      Cost cost = new UNetCost(model.unet().config()).pass(2, 16, 24, TOKENS, Gradients.NONE, false);
      agree(cost.forward(), recorder.stop(), "unet");
      assertEquals(Work.NONE, cost.backward());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd1-tiny", "sd2-tiny"})
  void textAndImages(String name) {
    try (Scope scope = new Scope();
        StableDiffusion model = StableDiffusion.load(Checkpoint.open(GOLDEN.resolve(name)));
        Recorder recorder = new Recorder()) {
      model.encodePrompts(List.of("a church", "a house", ""));
      model.decode(torch.randn(1, 4, 8, 16));
      try (NoGradGuard noGrad = new NoGradGuard();
          PhaseEvent phase = PhaseEvent.of("encode")) {
        model.vae().encode(torch.randn(2, 3, 64, 128));
      }
      Profile profile = recorder.stop();
      agree(
          new TextEncoderCost(model.textEncoder().config()).pass(3, TOKENS, Gradients.NONE).forward(),
          profile,
          "encode prompts");
      VaeCost vae = new VaeCost(model.vae().config());
      agree(vae.decode(1, 64, 128), profile, "decode");
      agree(vae.encode(2, 64, 128), profile, "encode");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aForgetMeNotStep(boolean onlyCrossAttention) {
    assumeTrue(Provider.choose() == Provider.NATIVE);
    Gradients gradients = onlyCrossAttention ? Gradients.CROSS_ATTENTION : Gradients.WEIGHTS;
    try (Scope scope = new Scope();
        StableDiffusion model = StableDiffusion.load(Checkpoint.open(GOLDEN.resolve("sd1-tiny")));
        AttentionResteering resteering =
            new AttentionResteering(model.unet(), settings(onlyCrossAttention), Provider.NATIVE);
        Recorder recorder = new Recorder()) {
      Tensor context = torch.randn(1, TOKENS, model.unet().config().crossAttentionDim());
      Tensor columns = torch.ones(1, TOKENS).to(torch.ScalarType.Byte);
      resteering.step(torch.randn(1, 4, 16, 16), Tensor.create(5L), context, columns);
      Profile profile = recorder.stop();
      UNetCost unet = new UNetCost(model.unet().config());
      Cost cost = unet.pass(1, 16, 16, TOKENS, gradients, true);
      agree(cost.forward(), profile, "forward");
      agree(cost.backward(), profile, "backward");
      agree(Work.adamW(unet.parameters(gradients)), profile, "optimizer");
    }
  }

  private static ForgetMeNotSettings settings(boolean onlyCrossAttention) {
    ForgetMeNotSettings d = ForgetMeNotSettings.DEFAULTS;
    return new ForgetMeNotSettings(
        1, 1, d.learningRate(), d.adamBeta1(), d.adamBeta2(), d.adamWeightDecay(), d.adamEpsilon(), d.maxGradNorm(),
        onlyCrossAttention, true, true, false, 128, 0, false);
  }

  @Test
  void anAttackNeedsTheGradientsOfActivationsOnly() {
    try (Scope scope = new Scope();
        StableDiffusion model = StableDiffusion.load(Checkpoint.open(GOLDEN.resolve("sd1-tiny")));
        Recorder recorder = new Recorder()) {
      Tensor words = torch.randn(1, TOKENS, model.textEncoder().config().hiddenSize()).set_requires_grad(true);
      Tensor context;
      try (PhaseEvent phase = PhaseEvent.of("text")) {
        context = model.textEncoder().encodeEmbeddings(words);
      }
      Tensor loss;
      try (PhaseEvent phase = PhaseEvent.of("unet")) {
        loss = model.unet().forward(torch.randn(1, 4, 16, 16), Tensor.create(5f), context).sum();
      }
      try (PhaseEvent phase = PhaseEvent.of("backward")) {
        loss.backward();
      }
      Profile profile = recorder.stop();
      Cost unet = new UNetCost(model.unet().config()).pass(1, 16, 16, TOKENS, Gradients.INPUT, false);
      Cost text = new TextEncoderCost(model.textEncoder().config()).pass(1, TOKENS, Gradients.INPUT);
      agree(unet.forward(), profile, "unet");
      agree(text.forward(), profile, "text");
      agree(unet.backward().plus(text.backward()), profile, "backward");
    }
  }
}
