package lethe.model.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class InitialWeightsTest {
  private static final String QUERY = "attn1.to_q.weight";
  private static final String KEY = "attn1.to_k.weight";

  @Test
  void aWeightDependsOnSeedAndName() {
    try (Scope scope = new Scope()) {
      Tensor query = new InitialWeights(1).take(QUERY, 8, 16);
      assertTrue(query.equal(new InitialWeights(1).take(QUERY, 8, 16)));
      assertFalse(query.equal(new InitialWeights(1).take(KEY, 8, 16)), "another name");
      assertFalse(query.equal(new InitialWeights(2).take(QUERY, 8, 16)), "another seed");
      assertFalse(query.equal(new InitialWeights(1 + (1L << 32)).take(QUERY, 8, 16)), "a seed of more than 32 bits");
    }
  }

  @Test
  void weightsOfOneShapeAreNotCorrelated() {
    try (Scope scope = new Scope()) {
      InitialWeights weights = new InitialWeights(0);
      double product = weights.take(QUERY, 64, 64).mul(weights.take(KEY, 64, 64)).sum().item_double();
      // Each product has variance 1 / 64^2, so their sum has variance 1: five standard deviations.
      assertEquals(0, product, 5);
    }
  }

  @Test
  void aKernelHasVarianceOneByFanIn() {
    try (Scope scope = new Scope()) {
      Tensor kernel = new InitialWeights(0).take("conv1.weight", 64, 32, 3, 3);
      assertEquals(1, kernel.square().mean().item_double() * 32 * 9, 0.05);
    }
  }

  @Test
  void normalisationsStartAsIdentity() {
    try (Scope scope = new Scope()) {
      InitialWeights weights = new InitialWeights(0);
      assertEquals(8, weights.take("norm1.weight", 8).sum().item_double());
      assertEquals(0, weights.take("norm1.bias", 8).abs().sum().item_double());
    }
  }
}
