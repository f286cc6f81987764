package lethe.model.layer;

import java.util.function.Supplier;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** A plain pass: LibTorch's attention, differentiable by LibTorch's autograd. */
public final class PredictionPass implements AttentionPass {
  public static final PredictionPass INSTANCE = new PredictionPass();

  private PredictionPass() {}

  @Override
  public Tensor selfAttention(Tensor q, Tensor k, Tensor v, boolean causal) {
    return torch.scaled_dot_product_attention(
        q, k, v, new TensorOptional(), 0.0, causal, new DoubleOptional(), false);
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
