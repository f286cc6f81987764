package lethe.model.layer;

import lethe.autograd.CutTape;
import lethe.kernel.FlashAttention;
import org.bytedeco.pytorch.Tensor;

/** Attention by the fused kernel, joined to autograd by a {@link CutTape}. */
final class FusedGradientPass extends GradientPass {
  private final CutTape tape = new CutTape();

  @Override
  public Tensor selfAttention(Tensor q, Tensor k, Tensor v, boolean causal) {
    return FlashAttention.takes(q)
        ? FusedAttention.attend(tape, q, k, v, causal)
        : ComposedAttention.attend(q, k, v, causal);
  }

  @Override
  public Tensor cut(Tensor x) {
    return tape.cut(x);
  }

  @Override
  public void backward(Tensor loss) {
    tape.backward(loss);
  }

  @Override
  public void close() {
    tape.close();
  }
}
