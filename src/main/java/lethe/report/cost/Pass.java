package lethe.report.cost;

import lethe.profile.Work;

/** Adds up the layers of one pass in the order in which the pass meets them. */
final class Pass {
  private static final long BYTES = Float.BYTES;

  private final Gradients gradients;
  private Cost cost = Cost.NONE;
  private boolean differentiable; // whether what comes next has an input that needs a gradient

  Pass(Gradients gradients) {
    this.gradients = gradients;
  }

  Cost cost() {
    return cost;
  }

  /** What follows depends on something that needs a gradient. */
  void differentiableFromHere() {
    differentiable = gradients != Gradients.NONE;
  }

  /** @param shape [out, in] */
  void linear(String weight, long[] shape, long rows, boolean inputNeedsGradient) {
    affine(weight, Work.linear(rows, shape[1], shape[0], BYTES), inputNeedsGradient);
  }

  /** As {@link #linear(String, long[], long, boolean)}, of a layer in the main stream. */
  void linear(String weight, long[] shape, long rows) {
    linear(weight, shape, rows, differentiable);
    advance(weight);
  }

  /** @param shape [out, in, kernel, kernel] */
  void conv2d(String weight, long[] shape, long batch, long inPositions, long outPositions) {
    Work work = Work.conv2d(batch, shape[1], shape[0], shape[2], inPositions, outPositions, BYTES);
    affine(weight, work, differentiable);
    advance(weight);
  }

  void norm(long elements) {
    Work work = Work.norm(elements, BYTES);
    add(work, differentiable ? work : Work.NONE);
  }

  /** Attention of which at least one input may need a gradient. */
  void attention(long heads, long rows, long tokens, long channels, boolean withValues, boolean inputNeedsGradient) {
    add(
        Work.attention(heads, rows, tokens, channels, withValues, BYTES),
        inputNeedsGradient || differentiable
            ? Work.attentionBackward(heads, rows, tokens, channels, withValues, BYTES)
            : Work.NONE);
    differentiable |= inputNeedsGradient;
  }

  private void advance(String weight) {
    differentiable |= gradients.trains(weight);
  }

  /** A product with a weight costs as much again for the gradient of either factor. */
  private void affine(String weight, Work work, boolean inputNeedsGradient) {
    add(work, work.times((inputNeedsGradient ? 1 : 0) + (gradients.trains(weight) ? 1 : 0)));
  }

  private void add(Work forward, Work backward) {
    cost = cost.plus(new Cost(forward, backward));
  }
}
