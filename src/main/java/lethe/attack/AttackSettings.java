package lethe.attack;

import lethe.error.UserException;
import lethe.kernel.PgdLoop;
import lethe.kernel.PgdUpdate;

/**
 * An attack on a prompt's embedding, with the names and defaults of AdvUnlearn's published code.
 *
 * @param attackMethod published default: Adam, there called {@code pgd}
 * @param attackStep gradient steps
 * @param attackLr Adam's rate, or the length of a step
 * @param attackType how the adversarial embedding is joined to the prompt
 * @param attackEmbdType to which embedding of it
 * @param advPromptNum its rows, k; one for each of the prompt's where it is added
 * @param pgdNorm of PGD's step and ball: L-inf takes signed steps, L2 normalised ones
 * @param pgdRadius of PGD's ball; infinite for none
 * @param strict reproduce the published code's quirks: the gradient is never zeroed, so it accumulates over the steps;
 *     the prompt is split by its number of words; {@code fast} takes all steps, by Adam on accumulated signs
 */
public record AttackSettings(
    AttackMethod attackMethod,
    int attackStep,
    double attackLr,
    Joining attackType,
    EmbeddingKind attackEmbdType,
    int advPromptNum,
    PgdUpdate.Ball pgdNorm,
    double pgdRadius,
    boolean strict) {

  /** The published defaults. */
  public static final AttackSettings DEFAULTS =
      new AttackSettings(
          AttackMethod.ADAM, 30, 1e-3, Joining.PREFIX_K, EmbeddingKind.WORD_EMBD, 1, PgdUpdate.Ball.LINF,
          Double.POSITIVE_INFINITY, false);

  public AttackSettings {
    require(attackStep >= 1, "attack-step", attackStep, "at least 1");
    require(attackLr > 0 && attackLr < Float.MAX_VALUE, "attack-lr", attackLr, "positive");
    require(advPromptNum >= 1, "adv-prompt-num", advPromptNum, "at least 1");
    require(pgdNorm != PgdUpdate.Ball.NONE, "pgd-norm", pgdNorm, "linf or l2");
    require(pgdRadius > 0, "pgd-radius", pgdRadius, "positive");
    if (strict && attackMethod == AttackMethod.PGD) {
      throw UserException.usage("--attack pgd is not in the published code: leave out --strict, or use --attack adam");
    }
    if (strict && attackEmbdType == EmbeddingKind.CONDITION_EMBD) {
      throw UserException.usage(
          "--attack-embd-type condition_embd does nothing in the published code, which joins the embedding once and"
              + " never moves it: leave out --strict");
    }
  }

  /** How the loop kernel is to run. */
  PgdLoop.Settings loop() {
    return new PgdLoop.Settings(update(), steps(), -1, strict);
  }

  private int steps() {
    return attackMethod == AttackMethod.FAST && !strict ? 1 : attackStep;
  }

  private PgdUpdate update() {
    return switch (attackMethod) {
      case ADAM -> PgdUpdate.of(PgdUpdate.Rule.ADAM, attackLr);
      case FAST -> PgdUpdate.of(strict ? PgdUpdate.Rule.SIGN_ADAM : PgdUpdate.Rule.SIGN, attackLr);
      case PGD -> projected();
    };
  }

  private PgdUpdate projected() {
    PgdUpdate.Rule rule = pgdNorm == PgdUpdate.Ball.L2 ? PgdUpdate.Rule.L2 : PgdUpdate.Rule.SIGN;
    PgdUpdate step = PgdUpdate.of(rule, attackLr);
    return Double.isFinite(pgdRadius) ? step.within(pgdNorm, pgdRadius) : step;
  }

  private static void require(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw UserException.usage("--" + name + " is " + value + ", it must be " + expected);
    }
  }
}
