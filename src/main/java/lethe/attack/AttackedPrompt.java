package lethe.attack;

import java.util.List;
import java.util.SplittableRandom;
import lethe.model.StableDiffusion;
import lethe.model.clip.ClipTextEncoder;
import lethe.model.clip.TokenIds;
import lethe.model.layer.AttentionPass;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A prompt with a place for an adversarial embedding: from the embedding to the UNet's text context.
 *
 * <p>Nothing of the text encoder's current weights is kept, so the encoder may be trained in between. Owns its tensor.
 */
public final class AttackedPrompt implements AutoCloseable {
  private final ClipTextEncoder encoder;
  private final EmbeddingKind kind;
  private final PromptSplit split;
  private final PromptJoin join;
  private final int rows;
  private final int vocabulary;
  private final Tensor words; // [1, T, D]

  /** @throws lethe.error.UserException if the prompt is empty, or too long for k more tokens */
  public AttackedPrompt(StableDiffusion model, String prompt, AttackSettings settings) {
    encoder = model.textEncoder();
    kind = settings.attackEmbdType();
    split =
        settings.strict()
            ? PromptSplit.byWords(model.tokenizer(), prompt)
            : PromptSplit.byTokens(model.tokenizer(), prompt);
    rows = split.rows(settings.attackType(), settings.advPromptNum());
    split.checked(prompt, rows);
    join = new PromptJoin(settings.attackType(), split);
    vocabulary = model.tokenizer().vocabularySize();
    try (Scope scope = new Scope()) {
      words = Scope.own(encoder.embed(TokenIds.of(model.tokenizer(), List.of(prompt))));
    }
  }

  /** Rows of an adversarial embedding. */
  public int rows() {
    return rows;
  }

  /** The text context without an attack, [1, T, D]. */
  public Tensor context(AttentionPass pass) {
    return encoder.encodeEmbeddings(words, pass);
  }

  /**
   * The text context with one, differentiable with respect to it and to the text encoder's weights.
   *
   * @param adversarial [1, k, D]
   * @return [1, T, D]
   */
  public Tensor context(Tensor adversarial, AttentionPass pass) {
    try (Scope scope = new Scope()) {
      return scope.keep(
          switch (kind) {
            case WORD_EMBD -> encoder.encodeEmbeddings(join.join(words, adversarial), pass);
            case CONDITION_EMBD -> join.join(context(pass), adversarial);
          });
    }
  }

  /** A start at random words of the vocabulary, [1, k, D]; for an attack on the context, at what they encode to. */
  public Tensor randomStart(SplittableRandom random) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      long[] drawn = random.longs(rows, 0, vocabulary).toArray();
      Tensor start = encoder.embed(Tensor.create(drawn, 1, rows));
      if (kind == EmbeddingKind.CONDITION_EMBD) {
        PromptSplit alone = new PromptSplit(split.length(), 0, false);
        Tensor joined = new PromptJoin(Joining.PREFIX_K, alone).join(words, start);
        start = encoder.encodeEmbeddings(joined).narrow(1, 1, rows);
      }
      return scope.keep(start.clone());
    }
  }

  /**
   * A start at what the attack before ended with.
   *
   * @param latest [1, k, D]
   * @param published take rows 1 to k of the joined prompt. Quirk: for anything but {@link Joining#PREFIX_K} and {@link
   *     Joining#REPLACE_K} those are not, or not only, the adversarial ones
   */
  public Tensor startAt(Tensor latest, boolean published) {
    try (Scope scope = new Scope()) {
      Tensor start = published ? join.join(words, latest).narrow(1, 1, rows) : latest;
      return scope.keep(start.clone());
    }
  }

  @Override
  public void close() {
    words.releaseReference();
  }
}
