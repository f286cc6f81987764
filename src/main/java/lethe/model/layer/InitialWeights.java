package lethe.model.layer;

import java.util.SplittableRandom;
import lethe.checkpoint.Weights;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Weights of a network that is yet to be trained: matrices and kernels normal with variance 1 / fan-in, gains of
 * normalisations 1, biases 0. A weight depends on the seed and its name only.
 */
public final class InitialWeights implements Weights {
  private final long seed;
  private final DType dtype;

  /** In fp32. */
  public InitialWeights(long seed) {
    this(seed, DType.F32);
  }

  /** @param dtype to which the float32 numbers drawn are rounded */
  public InitialWeights(long seed, DType dtype) {
    this.seed = seed;
    this.dtype = dtype;
  }

  @Override
  public Tensor take(String name, long... shape) {
    try (Scope scope = new Scope()) {
      return scope.keep(drawn(name, shape).to(dtype.scalarType()));
    }
  }

  private Tensor drawn(String name, long... shape) {
    if (shape.length == 1) {
      return name.endsWith(".weight") ? torch.ones(shape) : torch.zeros(shape);
    }
    long fanIn = 1;
    for (int i = 1; i < shape.length; i++) {
      fanIn *= shape[i];
    }
    Generator generator = torch.make_generator_cpu(generatorSeed(name));
    return torch.randn(shape, new GeneratorOptional(generator)).mul_(new Scalar(1 / Math.sqrt(fanIn)));
  }

  /** LibTorch's CPU generator takes the low 32 bits of a seed only: seed and name have to be mixed into these. */
  private long generatorSeed(String name) {
    return new SplittableRandom(seed ^ ((long) name.hashCode() << Integer.SIZE)).nextLong();
  }

  @Override
  public boolean contains(String name) {
    return true;
  }

  @Override
  public void requireAllTaken() {
    // There are as many as are asked for.
  }
}
