package lethe.attack.prompt;

import lethe.kernel.Provider;
import lethe.kernel.SimplexProjection;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * k distributions over the vocabulary, optimised through tokens drawn from them (UnlearnDiffAtk, arXiv 2310.11868).
 *
 * <p>The straight-through estimator: a step draws one token a row, as a one-hot row times the embeddings E [V, D]; the
 * gradient of that row, {@code g E^T} clipped to [-1, 1], is taken for the distribution's. After the step of Adam
 * every row is projected onto the probability simplex.
 */
final class TokenDistributions implements TokenVariable {
  private final Tensor vocabulary; // [V, D]
  private final Tensor distributions; // [k, V]
  private final VariableOptimizer optimizer;
  private final Provider provider;

  /**
   * @param vocabulary word embeddings [V, D]
   * @param generator of a random start; null for the uniform one
   * @param provider of the projection
   */
  TokenDistributions(Tensor vocabulary, TokenAttackSettings settings, Generator generator, Provider provider) {
    this.vocabulary = Scope.own(vocabulary);
    Device device = Device.of(vocabulary);
    this.provider = provider.on(device);
    try (Scope scope = new Scope()) {
      long tokens = vocabulary.size(0);
      long[] shape = {settings.k(), tokens};
      Tensor start =
          device.place(
              generator == null
                  ? torch.ones(shape).div(new Scalar((double) tokens))
                  : torch.rand(shape, new GeneratorOptional(generator)));
      project(start);
      distributions = Scope.own(start);
      optimizer = VariableOptimizer.adam(distributions, settings.learningRate(), settings.weightDecay());
    }
  }

  private void project(Tensor rows) {
    switch (provider) {
      case NATIVE -> SimplexProjection.projectInPlace(rows);
      case COMPOSED -> rows.copy_(Simplex.project(rows));
    }
  }

  @Override
  public Tensor sample(Generator generator) {
    try (Scope scope = new Scope()) {
      // A generator draws on its own device, this one on the CPU.
      Tensor probabilities = Device.CPU.place(distributions.detach());
      Tensor drawn = torch.multinomial(probabilities, 1, false, new GeneratorOptional(generator));
      return scope.keep(drawn.squeeze(1));
    }
  }

  @Override
  public void step(Tensor gradient) {
    try (Scope scope = new Scope()) {
      optimizer.step(torch.hardtanh(gradient.matmul(vocabulary.t())));
      project(distributions.detach());
    }
  }

  @Override
  public Tensor tokens() {
    return distributions.detach().argmax(new LongOptional(1), false);
  }

  /** [k, V]; the variable itself. */
  Tensor distributions() {
    return distributions;
  }

  @Override
  public void close() {
    optimizer.close();
    distributions.releaseReference();
    vocabulary.releaseReference();
  }
}
