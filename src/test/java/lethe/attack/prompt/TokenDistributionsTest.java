package lethe.attack.prompt;

import static lethe.GoldenPipeline.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import lethe.kernel.Provider;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TokenDistributionsTest {
  private static final int K = 3;
  private static final int V = 50;
  private static final int D = 8;
  private static final double LEARNING_RATE = 0.01;
  private static final double WEIGHT_DECAY = 0.1;

  @BeforeEach
  void seed() {
    torch.manual_seed(0);
  }

  /**
   * The estimator and Adam written out: autograd's gradient of the one-hot rows, clipped, goes into Adam's equations
   * (arXiv 1412.6980, algorithm 1) and the result onto the simplex.
   */
  @ParameterizedTest
  @EnumSource(Provider.class)
  void aStepIsTheStraightThroughEstimatorThenAdamThenTheProjection(Provider provider) {
    try (Scope scope = new Scope();
        TokenDistributions variable = new TokenDistributions(torch.randn(V, D), settings(), null, provider)) {
      Tensor vocabulary = reseededVocabulary();
      Tensor x = torch.ones(K, V).div(new Scalar((double) V));
      Tensor m = torch.zeros(K, V);
      Tensor v = torch.zeros(K, V);
      Generator generator = torch.make_generator_cpu(1);
      for (int t = 1; t <= 4; t++) {
        Tensor tokens = variable.sample(generator);
        Tensor oneHot = torch.one_hot(tokens, V).to(torch.ScalarType.Float).set_requires_grad(true);
        Tensor words = oneHot.matmul(vocabulary);
        words.retain_grad();
        words.mul(words.sin()).sum().backward();
        variable.step(words.grad());

        Tensor gradient = clip(oneHot.grad()).add(x, new Scalar(WEIGHT_DECAY));
        m = m.mul(new Scalar(0.9)).add(gradient, new Scalar(0.1));
        v = v.mul(new Scalar(0.999)).add(gradient.mul(gradient), new Scalar(0.001));
        Tensor denominator = v.div(new Scalar(1 - Math.pow(0.999, t))).sqrt().add(new Scalar(1e-8));
        Tensor update = m.div(new Scalar(1 - Math.pow(0.9, t))).div(denominator);
        x = Simplex.project(x.sub(update, new Scalar(LEARNING_RATE)));
        assertClose(x, variable.distributions(), 1e-6, 1e-5, "distributions after step " + t);
      }
    }
  }

  private static Tensor reseededVocabulary() {
    torch.manual_seed(0);
    return torch.randn(V, D);
  }

  /** hardtanh, written out; the gradients above pass both bounds. */
  private static Tensor clip(Tensor gradient) {
    assertEquals(1, gradient.abs().max().gt(new Scalar(1.0)).item_int());
    return torch.maximum(torch.minimum(gradient, torch.ones_like(gradient)), torch.ones_like(gradient).neg());
  }

  @Test
  void tokensAreDrawnAsTheDistributionsSay() {
    try (Scope scope = new Scope();
        TokenDistributions variable = new TokenDistributions(torch.randn(V, D), settings(), null, Provider.COMPOSED)) {
      Tensor rows = torch.zeros(K, V);
      rows.select(0, 0).select(0, 7).fill_(new Scalar(1.0));
      rows.select(0, 1).select(0, 3).fill_(new Scalar(0.75));
      rows.select(0, 1).select(0, 4).fill_(new Scalar(0.25));
      rows.select(0, 2).fill_(new Scalar(1.0 / V));
      variable.distributions().detach().copy_(rows);
      Generator generator = torch.make_generator_cpu(2);
      int threes = 0;
      for (int i = 0; i < 400; i++) {
        int[] tokens = Vocabulary.ids(variable.sample(generator));
        assertEquals(7, tokens[0]);
        threes += tokens[1] == 3 ? 1 : 0;
      }
      assertEquals(300, threes, 35, "four standard deviations");
      assertArrayEquals(new int[] {7, 3}, Arrays.copyOf(Vocabulary.ids(variable.tokens()), 2));
    }
  }

  @Test
  void aRandomStartFollowsItsSeed() {
    try (Scope scope = new Scope();
        TokenDistributions one = started(1);
        TokenDistributions again = started(1);
        TokenDistributions other = started(2)) {
      assertClose(one.distributions(), again.distributions(), 0, 0, "same seed");
      assertClose(torch.ones(K), one.distributions().detach().sum(1), 1e-5, 0, "sums");
      assertNotEquals(0, one.distributions().sub(other.distributions()).abs().max().item_double());
    }
  }

  private static TokenDistributions started(long seed) {
    return new TokenDistributions(torch.randn(V, D), settings(), torch.make_generator_cpu(seed), Provider.choose());
  }

  private static TokenAttackSettings settings() {
    return new TokenAttackSettings(
        K, InsertionLocation.PREFIX_K, 1, 1, LEARNING_RATE, WEIGHT_DECAY, false, Criterion.L2, 0);
  }
}
