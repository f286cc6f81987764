package lethe.kernel;

import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What Adam remembers of an attack: the averages of its gradients and of their squares, and the number of its steps. */
public final class PgdMoments {
  private final Tensor expAvg;
  private final Tensor expAvgSq;
  private long steps;

  private PgdMoments(Tensor expAvg, Tensor expAvgSq) {
    this.expAvg = expAvg;
    this.expAvgSq = expAvgSq;
  }

  /** Zeros for an x of this shape; they belong to the current {@link Scope}. */
  public static PgdMoments zerosLike(Tensor x) {
    try (Scope scope = new Scope()) {
      return new PgdMoments(scope.keep(torch.zeros_like(x)), scope.keep(torch.zeros_like(x)));
    }
  }

  Tensor expAvg() {
    return expAvg;
  }

  Tensor expAvgSq() {
    return expAvgSq;
  }

  /** Counts one more step and returns its number, from 1. */
  long next() {
    return ++steps;
  }
}
