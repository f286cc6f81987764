package lethe.model.layer;

import org.bytedeco.pytorch.Tensor;

/** LibTorch's attention, differentiated by LibTorch's autograd. */
final class ComposedGradientPass extends GradientPass {
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

  @Override
  public void close() {}
}
