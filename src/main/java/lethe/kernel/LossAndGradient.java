package lethe.kernel;

import org.bytedeco.pytorch.Tensor;

/** What an attack descends: a loss and its gradient at an iterate. */
@FunctionalInterface
public interface LossAndGradient {
  /**
   * Computes both. Runs in a scope of its own; nothing that it makes is kept.
   *
   * @param step counted from 0
   * @param x the iterate, to be read and not kept: the next update changes it in place. Autograd starts from
   *     {@code x.detach().set_requires_grad(true)}, which copies nothing
   * @param gradient of the shape of x, to be overwritten with the gradient; its contents on entry are unspecified
   * @return the loss; if it is not finite, the loop stops
   */
  double evaluate(int step, Tensor x, Tensor gradient);
}
