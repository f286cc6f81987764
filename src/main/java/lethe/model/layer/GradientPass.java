package lethe.model.layer;

import java.util.function.Supplier;
import lethe.kernel.Provider;
import org.bytedeco.pytorch.Tensor;

/**
 * A pass through one or more networks whose loss is then differentiated. Serves one forward and at most one backward
 * pass on one thread; closing it frees what they recorded.
 */
public abstract class GradientPass implements AttentionPass, AutoCloseable {
  GradientPass() {}

  /** A pass computed by {@code provider}. */
  public static GradientPass of(Provider provider) {
    return switch (provider) {
      case NATIVE -> new FusedGradientPass();
      case COMPOSED -> new ComposedGradientPass();
    };
  }

  /** Accumulates the gradients of the scalar {@code loss} into every leaf that needs one. */
  public abstract void backward(Tensor loss);

  @Override
  public final Tensor crossAttention(Tensor q, Tensor k, Supplier<Tensor> v) {
    return selfAttention(q, k, v.get(), false);
  }

  @Override
  public abstract void close();
}
