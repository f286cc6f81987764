package lethe.cli;

import java.util.Locale;
import lethe.attack.prompt.ConceptInversion;
import lethe.attack.prompt.ConceptLatents;
import lethe.attack.prompt.PromptAttack;
import lethe.attack.prompt.RandomTokens;
import lethe.attack.prompt.TokenAttack;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;

/** The attacks there are: their options, and how they are made of them. */
enum AttackKind {
  /** UnlearnDiffAtk. */
  UNLEARNDIFFATK {
    @Override
    Syntax syntax() {
      return AttackFlags.syntax(true, AttackFlags.K, AttackFlags.INSERTION_LOCATION, AttackFlags.ITERATION,
          AttackFlags.N_SAMPLES, AttackFlags.LR, AttackFlags.WEIGHT_DECAY, AttackFlags.RAND_INIT,
          AttackFlags.CRITERION, AttackFlags.BUDGET, AttackFlags.ENCODE, AttackFlags.SEED);
    }

    @Override
    PromptAttack create(Arguments arguments, Models models, ConceptLatents latents, Provider provider) {
      return TokenAttack.unlearnDiffAtk(
          models.erased(),
          AttackFlags.tokens(arguments, arguments.get(AttackFlags.RAND_INIT)),
          arguments.get(AttackFlags.ENCODE),
          latents.all(),
          provider);
    }
  },

  /** P4D. */
  P4D {
    @Override
    Syntax syntax() {
      return AttackFlags.syntax(true, AttackFlags.K, AttackFlags.INSERTION_LOCATION, AttackFlags.ITERATION,
          AttackFlags.N_SAMPLES, AttackFlags.LR, AttackFlags.WEIGHT_DECAY, AttackFlags.CRITERION, AttackFlags.BUDGET,
          AttackFlags.ENCODE, AttackFlags.SEED);
    }

    @Override
    boolean comparesWithOriginal() {
      return true;
    }

    @Override
    PromptAttack create(Arguments arguments, Models models, ConceptLatents latents, Provider provider) {
      return TokenAttack.p4d(
          models.erased(),
          models.original(),
          AttackFlags.tokens(arguments, false),
          arguments.get(AttackFlags.ENCODE),
          latents.all(),
          provider);
    }
  },

  /** Random tokens. */
  RANDOM {
    @Override
    Syntax syntax() {
      return AttackFlags.syntax(false, AttackFlags.K, AttackFlags.INSERTION_LOCATION, AttackFlags.TRIES,
          AttackFlags.BUDGET, AttackFlags.ENCODE, AttackFlags.SEED);
    }

    @Override
    boolean needsImages() {
      return false;
    }

    @Override
    PromptAttack create(Arguments arguments, Models models, ConceptLatents latents, Provider provider) {
      return new RandomTokens(
          models.erased(), AttackFlags.randomTokens(arguments), arguments.get(AttackFlags.ENCODE));
    }
  },

  /** Concept inversion. */
  CCE {
    @Override
    Syntax syntax() {
      return AttackFlags.syntax(true, AttackFlags.NEW_TOKENS, AttackFlags.STEPS, AttackFlags.INVERSION_LR,
          AttackFlags.INVERSION_WEIGHT_DECAY, AttackFlags.NORM, AttackFlags.INITIALIZER, AttackFlags.TEMPLATE,
          AttackFlags.CRITERION, AttackFlags.BUDGET, AttackFlags.SEED);
    }

    @Override
    PromptAttack create(Arguments arguments, Models models, ConceptLatents latents, Provider provider) {
      return new ConceptInversion(
          models.erased(),
          arguments.get(AttackFlags.CONCEPT),
          AttackFlags.inversion(arguments),
          latents.all(),
          provider);
    }
  };

  /**
   * @param original null where none is needed
   */
  record Models(StableDiffusion erased, StableDiffusion original) {}

  /** As on the command line: {@code attack p4d}. */
  String commandName() {
    return "attack " + name().toLowerCase(Locale.ROOT);
  }

  abstract Syntax syntax();

  abstract PromptAttack create(Arguments arguments, Models models, ConceptLatents latents, Provider provider);

  /** Whether it follows a gradient on images of the concept. */
  boolean needsImages() {
    return true;
  }

  /** Whether the original model takes part in the attack itself. */
  boolean comparesWithOriginal() {
    return false;
  }
}
