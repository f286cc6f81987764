package lethe.attack;

import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Joins an adversarial embedding to a prompt's, position by position (AdvUnlearn's {@code construct_embd}).
 *
 * <p>The joined prompt is as long as the prompt: what is put in pushes padding out.
 */
public final class PromptJoin {
  private static final int WORDS_PER_TOKEN = 3;

  private final Joining joining;
  private final PromptSplit split;

  public PromptJoin(Joining joining, PromptSplit split) {
    this.joining = joining;
    this.split = split;
  }

  /**
   * @param prompt word embeddings or text context of the padded prompt, [1, T, D]
   * @param adversarial [1, k, D]
   * @return [1, T, D], differentiable with respect to both
   */
  public Tensor join(Tensor prompt, Tensor adversarial) {
    try (Scope scope = new Scope()) {
      int k = (int) adversarial.size(1);
      int n = split.middle();
      int behind = split.length() - 1 - n;
      Tensor middle = prompt.narrow(1, 1, n);
      Tensor rest =
          split.published() ? prompt.narrow(1, 1 + n + k, behind - k) : prompt.narrow(1, 1 + n, behind - k);
      TensorVector parts = new TensorVector();
      parts.push_back(prompt.narrow(1, 0, 1));
      switch (joining) {
        case PREFIX_K -> parts.push_back(adversarial).push_back(middle);
        case SUFFIX_K -> parts.push_back(middle).push_back(adversarial);
        case REPLACE_K -> parts.push_back(adversarial);
        case ADD -> parts.push_back(middle.add(adversarial));
        case MID_K -> parts.push_back(from(middle, 0, n / 2)).push_back(adversarial).push_back(from(middle, n / 2, n));
        case INSERT_K -> spread(parts, middle, adversarial, n / (k + 1), true);
        case PER_K_WORDS -> spread(parts, middle, adversarial, WORDS_PER_TOKEN, false);
      }
      if (joining == Joining.REPLACE_K || joining == Joining.ADD) {
        fillUp(parts, prompt, rest, joining == Joining.ADD ? k : n);
      } else {
        parts.push_back(rest);
      }
      return scope.keep(torch.cat(parts, 1));
    }
  }

  /** Alternates rows of the adversarial embedding with runs of the middle, which begin or end a pair. */
  private static void spread(TensorVector parts, Tensor middle, Tensor adversarial, int run, boolean runFirst) {
    int k = (int) adversarial.size(1);
    int n = (int) middle.size(1);
    int done = 0;
    for (int i = 0; i < k; i++) {
      boolean last = i == k - 1;
      Tensor row = adversarial.narrow(1, i, 1);
      int next = last && !runFirst ? done : Math.min(n, done + run);
      Tensor words = from(middle, done, next);
      parts.push_back(runFirst ? words : row).push_back(runFirst ? row : words);
      done = next;
    }
    parts.push_back(from(middle, done, n));
  }

  /** The published code fills up with the first position it keeps of the rest; ours with the last, which is padding. */
  private void fillUp(TensorVector parts, Tensor prompt, Tensor rest, int count) {
    if (split.published()) {
      parts.push_back(rest.narrow(1, 0, 1).expand(1, count, -1)).push_back(rest);
    } else {
      parts.push_back(rest).push_back(prompt.narrow(1, split.length() - 1, 1).expand(1, count, -1));
    }
  }

  private static Tensor from(Tensor middle, int start, int end) {
    return middle.narrow(1, start, end - start);
  }
}
