package lethe.kernel;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** The attention maps of {@link AttentionScores}. */
class AttentionMapsTest {
  @Test
  void areMeansOfTheProbabilitiesOverHeads() {
    try (Scope scope = new Scope()) {
      torch.manual_seed(3);
      Tensor q = torch.randn(2, 4, 100, 40);
      Tensor k = torch.randn(2, 4, 77, 40);
      Tensor mean = torch.softmax(q.matmul(k.transpose(2, 3)).mul(new Scalar(0.2)), 3).mean(1); // [B, N, T]
      TensorVector columns = new TensorVector();
      columns.push_back(mean.select(2, 5));
      columns.push_back(mean.select(2, 76));
      Tensor maps = AttentionScores.maps(q, k, 0.2, 5, 76);
      assertTrue(torch.allclose(torch.stack(columns, 1), maps, 1e-5, 1e-7, false));
    }
  }

  @Test
  void unknownTokensAreRefused() {
    try (Scope scope = new Scope()) {
      Tensor q = torch.randn(1, 1, 4, 8);
      assertThrows(IllegalArgumentException.class, () -> AttentionScores.maps(q, q, 1, 4));
      assertThrows(IllegalArgumentException.class, () -> AttentionScores.maps(q, q, 1, -1));
    }
  }
}
