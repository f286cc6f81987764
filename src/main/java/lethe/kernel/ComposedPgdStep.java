package lethe.kernel;

import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** {@link PgdStep} in plain LibTorch operations: on any device and in any float type. */
public final class ComposedPgdStep {
  private ComposedPgdStep() {}

  /**
   * Moves x by one update, in place.
   *
   * @param x the iterate: [k, D], or [B, k, D] for a batch of independent perturbations
   * @param gradient of the loss with respect to x, of its shape and any float type
   * @param center of the ball, of the shape and type of x; null where there is no ball
   * @param moments for the Adam rules, else null
   */
  public static void apply(Tensor x, Tensor gradient, Tensor center, PgdMoments moments, PgdUpdate update) {
    PgdTensors.check(x, gradient, center, moments, update);
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor typed = gradient.to(x.scalar_type());
      Scalar stepSize = new Scalar(update.stepSize());
      switch (update.rule()) {
        case SIGN -> x.sub_(typed.sign(), stepSize);
        case L2 -> x.sub_(typed.div(norms(typed)), stepSize);
        case ADAM -> adam(x, typed, moments, update);
        case SIGN_ADAM -> adam(x, typed.sign(), moments, update);
      }
      project(x, center, update);
      if (update.lowest() != Double.NEGATIVE_INFINITY) {
        x.clamp_min_(new Scalar(update.lowest()));
      }
      if (update.highest() != Double.POSITIVE_INFINITY) {
        x.clamp_max_(new Scalar(update.highest()));
      }
    }
  }

  /** In the order of {@code torch.optim.Adam}, so that the roundings are its own. */
  private static void adam(Tensor x, Tensor gradient, PgdMoments moments, PgdUpdate update) {
    PgdUpdate.Adam adam = update.adam();
    long step = moments.next();
    moments.expAvg().lerp_(gradient, new Scalar(1 - adam.beta1()));
    moments.expAvgSq().mul_(new Scalar(adam.beta2())).addcmul_(gradient, gradient, new Scalar(1 - adam.beta2()));
    double correction1 = 1 - Math.pow(adam.beta1(), step);
    double correction2 = 1 - Math.pow(adam.beta2(), step);
    Tensor denominator =
        moments.expAvgSq().sqrt().div_(new Scalar(Math.sqrt(correction2))).add_(new Scalar(adam.eps()));
    x.addcdiv_(moments.expAvg(), denominator, new Scalar(-update.stepSize() / correction1));
  }

  private static void project(Tensor x, Tensor center, PgdUpdate update) {
    if (update.ball() == PgdUpdate.Ball.NONE) {
      return;
    }
    Tensor perturbation = x.sub(center);
    if (update.ball() == PgdUpdate.Ball.LINF) {
      perturbation.clamp_min_(new Scalar(-update.radius())).clamp_max_(new Scalar(update.radius()));
    } else {
      Tensor shrink = norms(perturbation).reciprocal().mul_(new Scalar(update.radius())).clamp_max_(new Scalar(1.0));
      perturbation.mul_(shrink);
    }
    x.copy_(perturbation.add_(center));
  }

  /** The L2 norms of the samples of x, shaped to divide it; never 0. */
  private static Tensor norms(Tensor x) {
    long[] dimensions = new long[(int) x.dim() - (x.dim() > 2 ? 1 : 0)];
    for (int i = 0; i < dimensions.length; i++) {
      dimensions[i] = i - dimensions.length;
    }
    return torch.linalg_vector_norm(x, new Scalar(2.0), dimensions, true, new ScalarTypeOptional())
        .clamp_min_(new Scalar(Float.MIN_NORMAL));
  }
}
