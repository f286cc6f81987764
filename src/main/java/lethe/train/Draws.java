package lethe.train;

import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Random numbers of one training step: a function of the run's seed and the step, so that a run can be resumed. */
public final class Draws {
  /** Keeps steps of neighbouring seeds apart: the golden ratio, which spreads them over all 64 bits. */
  public static final long SEED_STRIDE = 0x9E3779B97F4A7C15L;

  private final Generator generator;

  /** Owned by the current scope. */
  public Draws(long seed, long step) {
    generator = torch.make_generator_cpu(seed * SEED_STRIDE + step);
  }

  private GeneratorOptional optional() {
    return new GeneratorOptional(generator);
  }

  /** Uniform in [low, high). */
  public Tensor uniform(double low, double high, long... shape) {
    try (Scope scope = new Scope()) {
      return scope.keep(torch.rand(shape, optional()).mul_(new Scalar(high - low)).add_(new Scalar(low)));
    }
  }

  /** 1 with probability {@code p}, else 0. */
  public Tensor chance(double p, long... shape) {
    try (Scope scope = new Scope()) {
      return scope.keep(torch.rand(shape, optional()).lt(new Scalar(p)).to(torch.ScalarType.Float));
    }
  }

  public Tensor normal(long... shape) {
    return torch.randn(shape, optional());
  }

  /** Whole numbers in [0, bound), int64. */
  public Tensor integers(long bound, long... shape) {
    return torch.randint(bound, shape, optional());
  }

  /** The numbers 0..count-1 in random order, int64. */
  public Tensor permutation(long count) {
    return torch.randperm(count, optional());
  }
}
