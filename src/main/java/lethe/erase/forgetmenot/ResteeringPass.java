package lethe.erase.forgetmenot;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import lethe.kernel.Provider;
import lethe.model.layer.AttentionPass;
import lethe.model.unet.UNet;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A UNet pass that collects how strongly the image attends to the concept's tokens (Forget-Me-Not, section 3.2).
 *
 * <p>With P = softmax(q k^T / sqrt(d)), [B, H, N, T], of every cross-attention layer, the loss is the plain L2 norm, not
 * squared and not averaged, of all P at the concept's token columns. Nothing else enters the loss, so the pass ends at
 * the last cross-attention layer's probabilities.
 *
 * <p>Serves one forward and at most one backward pass; closing it frees what they recorded.
 */
public abstract class ResteeringPass implements AttentionPass, AutoCloseable {
  private final Tensor columns;
  private final int layers;
  private final List<Tensor> sumsOfSquares = new ArrayList<>();

  /**
   * @param columns uint8 [B, T], 1 at the concept's token positions; stays the caller's
   * @param layers cross-attention layers of the network
   */
  ResteeringPass(Tensor columns, int layers) {
    this.columns = columns;
    this.layers = layers;
  }

  /** A pass through {@code unet}, computed by {@code provider}. */
  public static ResteeringPass of(Provider provider, UNet unet, Tensor columns) {
    return switch (provider.on(unet.device())) {
      case NATIVE -> new FusedResteeringPass(columns, unet.crossAttentionLayers());
      case COMPOSED -> new ComposedResteeringPass(columns, unet.crossAttentionLayers());
    };
  }

  /** An attention layer's output (null if {@code v} is) and the sum of the squares of P at the chosen columns. */
  record Scored(Tensor out, Tensor sumOfSquares) {}

  /**
   * @param v null at the last layer, whose output nothing depends on
   */
  abstract Scored score(Tensor q, Tensor k, Tensor v, double scale, Tensor columns);

  @Override
  public final Tensor crossAttention(Tensor q, Tensor k, Supplier<Tensor> v) {
    boolean last = sumsOfSquares.size() + 1 == layers;
    Scored scored = score(q, k, last ? null : v.get(), 1 / Math.sqrt(q.size(3)), columns);
    sumsOfSquares.add(Scope.own(scored.sumOfSquares()));
    return scored.out();
  }

  /** The loss of the pass that has run: a scalar, owned by the current scope. */
  public final Tensor loss() {
    try (Scope scope = new Scope()) {
      TensorVector sums = new TensorVector();
      sumsOfSquares.forEach(sums::push_back);
      return scope.keep(torch.stack(sums).sum().sqrt());
    }
  }

  /** Accumulates the gradients of {@code loss} into every parameter that needs one. */
  public abstract void backward(Tensor loss);

  @Override
  public void close() {
    sumsOfSquares.forEach(Tensor::releaseReference);
    sumsOfSquares.clear();
  }
}
