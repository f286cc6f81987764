package lethe.attack.prompt;

import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.Tensor;

/** What a token attack optimises, seen as k tokens. Owns its tensors. */
interface TokenVariable extends AutoCloseable {
  /** The tokens of the next step, int64 [k]; owned by the current scope. */
  Tensor sample(Generator generator);

  /**
   * One optimisation step.
   *
   * @param gradient of the loss with respect to the word embeddings of the tokens sampled last, [k, D]
   */
  void step(Tensor gradient);

  /** The best tokens so far, int64 [k]; owned by the current scope. */
  Tensor tokens();

  @Override
  void close();
}
