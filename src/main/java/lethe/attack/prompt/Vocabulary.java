package lethe.attack.prompt;

import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/** The word embeddings of all tokens that an attack may choose. */
final class Vocabulary {
  private static final String WEIGHT = "embeddings.token_embedding.weight";

  private Vocabulary() {}

  /** [V, D]: the text encoder's own rows, but for those that no token has; owned by the current scope. */
  static Tensor embeddings(StableDiffusion model) {
    Tensor all = model.textEncoder().parameters().get(WEIGHT);
    return all.detach().narrow(0, 0, model.tokenizer().vocabularySize());
  }

  /** Rows of norm 1; owned by the current scope. */
  static Tensor normalized(Tensor embeddings) {
    try (Scope scope = new Scope()) {
      Tensor norms = embeddings.norm(new ScalarOptional(new Scalar(2)), new long[] {1}, true);
      return scope.keep(embeddings.div(norms.clamp_min(new Scalar(1e-12))));
    }
  }

  /** The tokens whose embeddings are the most alike by cosine, int64 [k]; owned by the current scope. */
  static Tensor nearest(Tensor embeddings, Tensor normalizedVocabulary) {
    try (Scope scope = new Scope()) {
      Tensor similarity = normalized(embeddings).matmul(normalizedVocabulary.t());
      return scope.keep(similarity.argmax(new LongOptional(1), false));
    }
  }

  /** The values of int64 [k]. */
  static int[] ids(Tensor tokens) {
    try (Scope scope = new Scope()) {
      int[] ids = new int[(int) tokens.numel()];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = (int) tokens.select(0, i).item_long();
      }
      return ids;
    }
  }
}
