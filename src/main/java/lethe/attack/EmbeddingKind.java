package lethe.attack;

import java.util.Locale;

/** What an adversarial embedding is joined to (AdvUnlearn's {@code attack_embd_type}). */
public enum EmbeddingKind {
  /** The prompt's word embeddings, before the text encoder. */
  WORD_EMBD,
  /** The prompt's text context, behind it. */
  CONDITION_EMBD;

  /** The name the published tool knows it by. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
