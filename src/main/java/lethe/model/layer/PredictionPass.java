package lethe.model.layer;

import java.util.function.Supplier;
import lethe.kernel.FlashAttention;
import lethe.kernel.Provider;
import org.bytedeco.pytorch.Tensor;

/**
 * A plain pass: the fused kernel where nothing is differentiated, else LibTorch's attention, which autograd knows.
 *
 * @see GradientPass for gradients through the fused kernel
 */
public final class PredictionPass implements AttentionPass {
  public static final PredictionPass INSTANCE = new PredictionPass();

  private PredictionPass() {}

  @Override
  public Tensor selfAttention(Tensor q, Tensor k, Tensor v, boolean causal) {
    boolean differentiated = q.requires_grad() || k.requires_grad() || v.requires_grad();
    if (differentiated || Provider.choose() == Provider.COMPOSED || !FlashAttention.takes(q)) {
      return ComposedAttention.attend(q, k, v, causal);
    }
    return FusedAttention.attend(q, k, v, causal);
  }

  @Override
  public Tensor crossAttention(Tensor q, Tensor k, Supplier<Tensor> v) {
    return selfAttention(q, k, v.get(), false);
  }

  @Override
  public Tensor cut(Tensor x) {
    return x;
  }
}
