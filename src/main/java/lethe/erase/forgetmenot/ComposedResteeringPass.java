package lethe.erase.forgetmenot;

import lethe.kernel.ComposedAttentionScores;
import lethe.model.layer.ComposedAttention;
import org.bytedeco.pytorch.Tensor;

/** Resteering in plain LibTorch operations, differentiated by LibTorch's autograd. */
final class ComposedResteeringPass extends ResteeringPass {
  ComposedResteeringPass(Tensor columns, int layers) {
    super(columns, layers);
  }

  @Override
  Scored score(Tensor q, Tensor k, Tensor v, double scale, Tensor columns) {
    ComposedAttentionScores.Forward forward = ComposedAttentionScores.forward(q, k, v, scale, columns);
    return new Scored(forward.out(), forward.sumOfSquares());
  }

  @Override
  public Tensor selfAttention(Tensor q, Tensor k, Tensor v, boolean causal) {
    return ComposedAttention.attend(q, k, v, causal);
  }

  @Override
  public Tensor cut(Tensor x) {
    return x;
  }

  @Override
  public void backward(Tensor loss) {
    loss.backward();
  }
}
