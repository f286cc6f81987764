package lethe.attack.prompt;

import static lethe.GoldenPipeline.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.stream.Stream;
import lethe.checkpoint.Checkpoint;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.model.layer.Network;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The loss and its gradient on models of both predictions: noise (sd1-tiny) and velocity (sd2-tiny). */
class DenoisingLossTest {
  private static final int T = 500;

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void theGradientAgreesWithFiniteDifferences(Path folder) {
    for (Provider provider : Provider.values()) {
      try (Scope scope = new Scope();
          Fixture fixture = new Fixture(folder)) {
        DenoisingLoss loss = new DenoisingLoss(fixture.model, Criterion.L2, provider);
        Tensor gradient = fixture.gradient(loss, fixture.words).embeddings();
        // Along the gradient the loss changes most, which leaves float32 the most digits.
        Tensor direction = gradient.div(gradient.norm());
        double h = 2e-2;
        double above = fixture.gradient(loss, fixture.words.add(direction, new Scalar(h))).loss();
        double below = fixture.gradient(loss, fixture.words.sub(direction, new Scalar(h))).loss();
        double predicted = gradient.norm().item_double();
        assertEquals(predicted, (above - below) / (2 * h), 0.05 * predicted, provider + " on " + folder);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void bothProvidersAgree(Path folder) {
    try (Scope scope = new Scope();
        Fixture fixture = new Fixture(folder)) {
      DenoisingLoss.Gradient fused =
          fixture.gradient(new DenoisingLoss(fixture.model, Criterion.L1, Provider.NATIVE), fixture.words);
      DenoisingLoss.Gradient composed =
          fixture.gradient(new DenoisingLoss(fixture.model, Criterion.L1, Provider.COMPOSED), fixture.words);
      assertEquals(composed.loss(), fused.loss(), 1e-5 * composed.loss());
      double scale = composed.embeddings().abs().max().item_double();
      assertClose(composed.embeddings(), fused.embeddings(), 1e-4 * scale, 1e-3, "gradient");
    }
  }

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void noWeightGetsAGradient(Path folder) {
    for (Provider provider : Provider.values()) {
      try (Scope scope = new Scope();
          Fixture fixture = new Fixture(folder)) {
        Tensor gradient =
            fixture.gradient(new DenoisingLoss(fixture.model, Criterion.L2, provider), fixture.words).embeddings();
        assertTrue(gradient.abs().max().item_double() > 0);
        for (Network network : fixture.networks().toList()) {
          network.parameters().forEach(
              (name, weight) -> assertFalse(weight.requires_grad() || weight.grad().defined(), name));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void theUntouchedModelPredictsWhatItPredicts(Path folder) {
    try (Scope scope = new Scope();
        Fixture fixture = new Fixture(folder)) {
      DenoisingLoss loss = new DenoisingLoss(fixture.model, Criterion.L2, Provider.COMPOSED);
      DenoisingTarget same = DenoisingTarget.predictedBy(fixture.model, "big red dog a photo of a church");
      int[] tokens = fixture.model.tokenizer().encode("big red dog");
      PromptTemplate template =
          PromptTemplate.inserting(
              fixture.model.tokenizer(), "a photo of a church", tokens.length, InsertionLocation.PREFIX_K);
      Tensor words = fixture.embeddings(tokens);
      assertEquals(0, loss.of(template, words, fixture.clean, fixture.noise, T, same).loss(), 1e-10);
    }
  }

  /** A model, a prompt with two slots, words for them, a latent and noise. */
  private static final class Fixture implements AutoCloseable {
    final StableDiffusion model;
    final PromptTemplate template;
    final Tensor words;
    final Tensor clean;
    final Tensor noise;

    Fixture(Path folder) {
      model = StableDiffusion.load(Checkpoint.open(folder));
      template =
          PromptTemplate.inserting(model.tokenizer(), "a photo of a church", 2, InsertionLocation.MID_K);
      words = embeddings(new int[] {300, 400});
      Generator generator = torch.make_generator_cpu(0);
      long side = model.unet().config().sampleSize();
      long[] shape = {1, model.unet().config().inChannels(), side, side};
      clean = torch.randn(shape, new GeneratorOptional(generator));
      noise = torch.randn(shape, new GeneratorOptional(generator));
    }

    Tensor embeddings(int[] tokens) {
      return model.textEncoder().embed(Tensor.create(tokens, tokens.length).to(torch.ScalarType.Long));
    }

    DenoisingLoss.Gradient gradient(DenoisingLoss loss, Tensor embeddings) {
      return loss.of(template, embeddings, clean, noise, T, DenoisingTarget.truth(loss.schedule()));
    }

    Stream<Network> networks() {
      return Stream.of(model.textEncoder(), model.unet(), model.vae());
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
