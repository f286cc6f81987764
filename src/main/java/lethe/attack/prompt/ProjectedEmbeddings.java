package lethe.attack.prompt;

import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * k continuous word embeddings, of which every step uses the nearest tokens' (P4D, arXiv 2309.06135, as
 * UnlearnDiffAtk's code has it): the gradient at the projected embeddings moves the continuous ones.
 */
final class ProjectedEmbeddings implements TokenVariable {
  private final Tensor normalizedVocabulary; // [V, D]
  private final Tensor embeddings; // [k, D]
  private final VariableOptimizer optimizer;

  /**
   * @param vocabulary word embeddings [V, D]
   * @param normalizedVocabulary the same with rows of norm 1
   * @param generator of the random tokens to start from
   */
  ProjectedEmbeddings(
      Tensor vocabulary, Tensor normalizedVocabulary, TokenAttackSettings settings, Generator generator) {
    this.normalizedVocabulary = Scope.own(normalizedVocabulary);
    try (Scope scope = new Scope()) {
      Tensor start = RandomTokens.draw(vocabulary.size(0), settings.k(), generator);
      embeddings = Scope.own(torch.embedding(vocabulary, Device.of(vocabulary).place(start)));
      optimizer = VariableOptimizer.adam(embeddings, settings.learningRate(), settings.weightDecay());
    }
  }

  @Override
  public Tensor sample(Generator generator) {
    return tokens();
  }

  @Override
  public void step(Tensor gradient) {
    optimizer.step(gradient);
  }

  @Override
  public Tensor tokens() {
    try (Scope scope = new Scope()) {
      return scope.keep(Vocabulary.nearest(embeddings.detach(), normalizedVocabulary));
    }
  }

  @Override
  public void close() {
    optimizer.close();
    embeddings.releaseReference();
    normalizedVocabulary.releaseReference();
  }
}
