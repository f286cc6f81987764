package lethe.kernel;

import lethe.profile.KernelEvent;
import lethe.profile.Work;
import lethe.tensor.Scope;
import lethe.tensor.Traced;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * {@link AttentionScores} in plain LibTorch operations: differentiable by autograd, on any device and in any float type.
 * It stores the probabilities, [B, H, N, T].
 */
public final class ComposedAttentionScores {
  private ComposedAttentionScores() {}

  /**
   * What {@link #forward} computes.
   *
   * @param out softmax(scale * q k^T) v, [B, H, N, d]; null if v is
   * @param sumOfSquares sum of the squared probabilities in the chosen columns, 0-dim
   */
  public record Forward(Tensor out, Tensor sumOfSquares) {}

  /**
   * Cross-attention and the squared attention to the chosen tokens.
   *
   * @param q queries, [B, H, N, d]
   * @param k keys, [B, H, T, d]
   * @param v values, [B, H, T, d], or null where only the sum is wanted
   * @param columns uint8 [B, T], 1 = chosen, or null for none
   */
  public static Forward forward(Tensor q, Tensor k, Tensor v, double scale, Tensor columns) {
    KernelEvent event = new KernelEvent();
    event.begin();
    try (Scope scope = new Scope()) {
      // probabilities: [B, H, N, T]
      Tensor probabilities = torch.softmax(q.matmul(k.transpose(-2, -1)).mul(new Scalar(scale)), -1);
      Tensor out = v == null ? null : scope.keep(probabilities.matmul(v));
      Tensor sumOfSquares;
      if (columns == null) {
        sumOfSquares = torch.zeros(new long[0], q.options());
      } else {
        Tensor chosen = columns.to(q.scalar_type()).unsqueeze(1).unsqueeze(1);
        sumOfSquares = probabilities.mul(chosen).square().sum();
      }
      event.end();
      if (event.shouldCommit()) {
        commit(event, q, k, v, sumOfSquares);
      }
      return new Forward(out, scope.keep(sumOfSquares));
    }
  }

  private static void commit(KernelEvent event, Tensor q, Tensor k, Tensor v, Tensor result) {
    long heads = q.size(0) * q.size(1);
    int bytes = Traced.elementBytes(q);
    Work work = Work.attention(heads, q.size(2), k.size(2), q.size(3), v != null, bytes);
    boolean differentiated = Traced.gradients(result, q, k) > 0;
    // Autograd has the probabilities at hand: a product for each factor of each product.
    Traced.describe(event, "attention_scores", Traced.LIBTORCH, q, k, v)
        .costs(work)
        .costsLater(differentiated ? work.times(2) : Work.NONE)
        .commit();
  }
}
