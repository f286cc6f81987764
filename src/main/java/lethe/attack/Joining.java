package lethe.attack;

import java.util.Locale;

/** How an adversarial embedding is joined to a prompt (AdvUnlearn's {@code attack_type}). */
public enum Joining {
  /** Before the prompt. */
  PREFIX_K,
  /** Behind the prompt. */
  SUFFIX_K,
  /** In the prompt's place. */
  REPLACE_K,
  /** Added to the prompt's own embeddings, one row each. */
  ADD,
  /** In the prompt's middle. */
  MID_K,
  /** Spread over the prompt at equal intervals. */
  INSERT_K,
  /** One before every third of the prompt's tokens, the rest before what is left. */
  PER_K_WORDS;

  /** The name the published tool knows it by. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
