package lethe.erase.forgetmenot;

import lethe.autograd.CutTape;
import lethe.kernel.AttentionGradients;
import lethe.kernel.AttentionScores;
import lethe.model.layer.FusedAttention;
import org.bytedeco.pytorch.Tensor;

/** Resteering with the fused kernel, joined to autograd by a {@link CutTape}: no probabilities are stored. */
final class FusedResteeringPass extends ResteeringPass {
  private final CutTape tape = new CutTape();

  FusedResteeringPass(Tensor columns, int layers) {
    super(columns, layers);
  }

  @Override
  Scored score(Tensor q, Tensor k, Tensor v, double scale, Tensor columns) {
    Tensor qValue = q.detach();
    Tensor kValue = k.detach();
    Tensor vValue = v == null ? null : v.detach();
    AttentionScores.Forward forward = AttentionScores.forward(qValue, kValue, vValue, scale, columns);
    if (v == null) {
      tape.record(
          new Tensor[] {q, k},
          new Tensor[] {forward.sumOfSquares()},
          new Tensor[] {qValue, kValue, forward.logSumExp()},
          gradients -> {
            AttentionGradients backward =
                AttentionScores.backward(forward, qValue, kValue, null, scale, columns, null, gradients[0]);
            return new Tensor[] {backward.dq(), backward.dk()};
          });
    } else {
      tape.record(
          new Tensor[] {q, k, v},
          new Tensor[] {forward.out(), forward.sumOfSquares()},
          new Tensor[] {qValue, kValue, vValue, forward.logSumExp()},
          gradients -> {
            AttentionGradients backward =
                AttentionScores.backward(forward, qValue, kValue, vValue, scale, columns, gradients[0], gradients[1]);
            return new Tensor[] {backward.dq(), backward.dk(), backward.dv()};
          });
    }
    return new Scored(forward.out(), forward.sumOfSquares());
  }

  @Override
  public Tensor selfAttention(Tensor q, Tensor k, Tensor v, boolean causal) {
    return FusedAttention.attend(tape, q, k, v, causal);
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
    super.close();
  }
}
