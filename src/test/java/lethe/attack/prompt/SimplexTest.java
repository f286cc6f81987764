package lethe.attack.prompt;

import static lethe.GoldenPipeline.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SimplexTest {
  @BeforeEach
  void seed() {
    torch.manual_seed(0);
  }

  @Test
  void smallCasesByHand() {
    try (Scope scope = new Scope()) {
      Tensor rows = Tensor.create(new float[] {0.5f, 0.5f, 0, 2, 1, 0, 0.4f, 0.3f, -1, -5, -5, -5}, 4, 3);
      float third = 1f / 3;
      Tensor expected = Tensor.create(new float[] {0.5f, 0.5f, 0, 1, 0, 0, 0.55f, 0.45f, 0, third, third, third}, 4, 3);
      assertClose(expected, Simplex.project(rows), 1e-6, 0, "projection");
    }
  }

  @Test
  void givesTheNearestDistribution() {
    try (Scope scope = new Scope()) {
      Tensor rows = torch.randn(3, 49408).mul(new Scalar(0.01));
      Tensor projected = Simplex.project(rows);
      assertTrue(projected.ge(new Scalar(0)).all().item_bool());
      assertClose(torch.ones(3), projected.sum(1), 1e-5, 0, "sums");
      // Of the simplex's points q the nearest p has <x - p, q - p> <= 0 for all q; the corners decide.
      Tensor normal = rows.sub(projected);
      Tensor atBestCorner = normal.amax(new long[] {1}, false);
      Tensor atItself = normal.mul(projected).sum(1);
      assertTrue(atBestCorner.sub(atItself).max().item_double() <= 1e-6);
      assertClose(projected, Simplex.project(projected), 1e-7, 0, "projected twice");
    }
  }

  @Test
  void keepsTheType() {
    try (Scope scope = new Scope()) {
      assertEquals(torch.ScalarType.Float, Simplex.project(torch.rand(2, 5)).scalar_type().intern());
    }
  }
}
