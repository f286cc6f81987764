package lethe.model.clip;

import static lethe.GoldenPipeline.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import lethe.GoldenPipeline;
import lethe.autograd.CutTape;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.ComposedAttention;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The text encoder's gradient with respect to word embeddings: what an attack on the prompt follows. */
class WordEmbeddingGradientTest {
  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void agreesWithFiniteDifferences(Path folder) throws IOException {
    try (Scope scope = new Scope();
        GoldenPipeline golden = new GoldenPipeline(folder);
        ClipTextEncoder encoder = ClipTextEncoder.load(golden.checkpoint())) {
      Tensor words = encoder.embed(golden.tensor("tokenizer/ids").narrow(0, 0, 1));
      Tensor direction = words.neg().sin();
      Tensor leaf = words.detach().clone().set_requires_grad(true);
      loss(encoder.encodeEmbeddings(leaf)).backward();
      double predicted = leaf.grad().mul(direction).sum().item_double();
      double h = 1e-2;
      double above = loss(encoder.encodeEmbeddings(words.add(direction, new Scalar(h)))).item_double();
      double below = loss(encoder.encodeEmbeddings(words.sub(direction, new Scalar(h)))).item_double();
      assertEquals((above - below) / (2 * h), predicted, 1e-2 * Math.abs(predicted));
      assertTrue(
          encoder.parameters().values().stream().noneMatch(p -> p.requires_grad() || p.grad().defined()),
          "no weight gets a gradient");
    }
  }

  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void isTheSameThroughACutTape(Path folder) throws IOException {
    try (Scope scope = new Scope();
        GoldenPipeline golden = new GoldenPipeline(folder);
        ClipTextEncoder encoder = ClipTextEncoder.load(golden.checkpoint());
        CutTape tape = new CutTape()) {
      Tensor words = encoder.embed(golden.tensor("tokenizer/ids").narrow(0, 0, 2));
      Tensor plain = words.detach().clone().set_requires_grad(true);
      loss(encoder.encodeEmbeddings(plain)).backward();

      Tensor cut = words.detach().clone().set_requires_grad(true);
      CuttingPass pass = new CuttingPass(tape);
      Tensor loss = loss(encoder.encodeEmbeddings(cut, pass));
      assertEquals(encoder.config().numHiddenLayers(), pass.kernels);
      tape.backward(loss);
      assertFalse(plain.grad().eq(new Scalar(0)).all().item_bool());
      assertClose(plain.grad(), cut.grad(), 1e-6, 1e-5, "gradient");
    }
  }

  private static Tensor loss(Tensor hidden) {
    return hidden.sin().mul(hidden).sum();
  }

  /** Stands for any fused attention: autograd does not see inside it. */
  private static final class CuttingPass implements AttentionPass {
    private final CutTape tape;
    private int kernels;

    CuttingPass(CutTape tape) {
      this.tape = tape;
    }

    @Override
    public Tensor selfAttention(Tensor q, Tensor k, Tensor v, boolean causal) {
      kernels++;
      Tensor out = ComposedAttention.attend(q.detach(), k.detach(), v.detach(), causal);
      tape.record(
          new Tensor[] {q, k, v},
          new Tensor[] {out},
          new Tensor[0],
          gradients -> {
            Tensor[] inputs = {leaf(q), leaf(k), leaf(v)};
            Tensor again = ComposedAttention.attend(inputs[0], inputs[1], inputs[2], causal);
            again.mul(gradients[0]).sum().backward();
            return new Tensor[] {inputs[0].grad(), inputs[1].grad(), inputs[2].grad()};
          });
      return out;
    }

    private static Tensor leaf(Tensor x) {
      return x.detach().set_requires_grad(true);
    }

    @Override
    public Tensor crossAttention(Tensor q, Tensor k, Supplier<Tensor> v) {
      throw new AssertionError("the text encoder has no cross-attention");
    }

    @Override
    public Tensor cut(Tensor x) {
      return tape.cut(x);
    }
  }
}
