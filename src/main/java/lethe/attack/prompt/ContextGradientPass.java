package lethe.attack.prompt;

import java.util.function.Supplier;
import lethe.autograd.CutTape;
import lethe.kernel.AttentionScores;
import lethe.kernel.Provider;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.PredictionPass;
import org.bytedeco.pytorch.Tensor;

/** A pass through text encoder and UNet that can be differentiated; closing it frees what it recorded. */
abstract class ContextGradientPass implements AttentionPass, AutoCloseable {
  static ContextGradientPass of(Provider provider) {
    return switch (provider) {
      case NATIVE -> new Fused();
      case COMPOSED -> new Composed();
    };
  }

  /** Accumulates the gradients of {@code loss} into every leaf that needs one. */
  abstract void backward(Tensor loss);

  @Override
  public final Tensor selfAttention(Tensor q, Tensor k, Tensor v, boolean causal) {
    return PredictionPass.INSTANCE.selfAttention(q, k, v, causal);
  }

  @Override
  public abstract void close();

  private static final class Composed extends ContextGradientPass {
    @Override
    public Tensor crossAttention(Tensor q, Tensor k, Supplier<Tensor> v) {
      return PredictionPass.INSTANCE.crossAttention(q, k, v);
    }

    @Override
    public Tensor cut(Tensor x) {
      return x;
    }

    @Override
    void backward(Tensor loss) {
      loss.backward();
    }

    @Override
    public void close() {}
  }

  /** Cross-attention by the fused kernel. */
  private static final class Fused extends ContextGradientPass {
    private final CutTape tape = new CutTape();

    @Override
    public Tensor crossAttention(Tensor q, Tensor k, Supplier<Tensor> v) {
      Tensor values = v.get();
      double scale = 1 / Math.sqrt(q.size(3));
      Tensor qValue = q.detach();
      Tensor kValue = k.detach();
      Tensor vValue = values.detach();
      AttentionScores.Forward forward = AttentionScores.forward(qValue, kValue, vValue, scale, null);
      tape.record(
          new Tensor[] {q, k, values},
          new Tensor[] {forward.out()},
          new Tensor[] {qValue, kValue, vValue, forward.logSumExp()},
          gradients -> {
            AttentionScores.Backward backward =
                AttentionScores.backward(forward, qValue, kValue, vValue, scale, null, gradients[0], null);
            return new Tensor[] {backward.dq(), backward.dk(), backward.dv()};
          });
      return forward.out();
    }

    @Override
    public Tensor cut(Tensor x) {
      return tape.cut(x);
    }

    @Override
    void backward(Tensor loss) {
      tape.backward(loss);
    }

    @Override
    public void close() {
      tape.close();
    }
  }
}
