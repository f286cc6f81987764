package lethe.train.classifier;

import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Random numbers of one training step: a function of the run's seed and the step, so that a run can be resumed. */
final class Draws {
  private final Generator generator;

  /** Owned by the current scope. */
  Draws(long seed, long step) {
    // Steps of neighbouring seeds must not coincide: the golden ratio's odd multiple spreads them over all 64 bits.
    generator = torch.make_generator_cpu(seed * 0x9E3779B97F4A7C15L + step);
  }

  private GeneratorOptional optional() {
    return new GeneratorOptional(generator);
  }

  /** Uniform in [low, high). */
  Tensor uniform(double low, double high, long... shape) {
    try (Scope scope = new Scope()) {
      return scope.keep(torch.rand(shape, optional()).mul_(new Scalar(high - low)).add_(new Scalar(low)));
    }
  }

  /** 1 with probability {@code p}, else 0. */
  Tensor chance(double p, long... shape) {
    try (Scope scope = new Scope()) {
      return scope.keep(torch.rand(shape, optional()).lt(new Scalar(p)).to(torch.ScalarType.Float));
    }
  }

  Tensor normal(long... shape) {
    return torch.randn(shape, optional());
  }

  /** Whole numbers in [0, bound), int64. */
  Tensor integers(long bound, long... shape) {
    return torch.randint(bound, shape, optional());
  }

  /** The numbers 0..count-1 in random order, int64. */
  Tensor permutation(long count) {
    return torch.randperm(count, optional());
  }
}
