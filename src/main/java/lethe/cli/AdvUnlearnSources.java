package lethe.cli;

import java.nio.file.Path;
import lethe.erase.advunlearn.AdvUnlearnSettings;
import lethe.erase.advunlearn.LatentSources;
import lethe.erase.advunlearn.latents.BankSettings;
import lethe.erase.advunlearn.retain.BuiltInRetainSets;
import lethe.erase.advunlearn.retain.RetainFile;
import lethe.erase.advunlearn.retain.RetainSet;
import lethe.error.UserException;
import lethe.model.StableDiffusion;
import lethe.model.unet.UNet;

/** Where AdvUnlearn's prompts and latents come from, by its options. */
final class AdvUnlearnSources {
  /** Where latents come from. */
  enum Sampling {
    BANK,
    FRESH
  }

  static final Flag<String> RETAIN =
      Flag.text("retain", "FILE|SET", "prompts to retain: a file with one on each line, or a published set, such as"
          + " imagenet243").orElse(BuiltInRetainSets.NAMES.get(0));
  static final Flag<Boolean> RETAIN_RELATED =
      Flag.toggle("retain-related", "keep prompts that are about the concept, which are left out else");
  static final Flag<Sampling> SAMPLING =
      Flag.choice("sampling", Sampling.class, "draw latents from trajectories sampled once, or sample for every draw as"
          + " published").orElseShown("bank, or fresh where the UNet is trained");
  static final Flag<Path> BANK =
      Flag.path("bank", "DIR", "keep the bank here, for later runs; goes on where its filling was interrupted")
          .orElseShown("memory");
  static final Flag<Integer> BANK_TRAJECTORIES =
      Flag.integer("bank-trajectories", Range.atLeast(1), "of each concept").orElse(BankSettings.TRAJECTORIES);
  static final Flag<Integer> RETAIN_TRAJECTORIES =
      Flag.integer("retain-trajectories", Range.atLeast(1), "of each retain prompt")
          .orElse(BankSettings.RETAIN_TRAJECTORIES);

  private AdvUnlearnSources() {}

  /** The prompts that are retained, without those about the concept unless they are wanted. */
  static RetainSet retainSet(Arguments arguments, AdvUnlearnSettings settings, StableDiffusion model) {
    RetainSet all = all(arguments);
    RetainSet kept = arguments.get(RETAIN_RELATED) ? all : all.without(settings.concepts());
    return kept.checkedBy(model.tokenizer());
  }

  /** The prompts that {@code --retain} names, about whatever they are. */
  static RetainSet all(Arguments arguments) {
    String name = arguments.get(RETAIN);
    return BuiltInRetainSets.NAMES.contains(name) ? BuiltInRetainSets.get(name) : RetainFile.read(Path.of(name));
  }

  /** @param original the UNet as it was, where it is trained; else null */
  static LatentSources open(
      Arguments arguments,
      StableDiffusion model,
      UNet original,
      AdvUnlearnSettings settings,
      RetainSet retain,
      BankProgress progress) {
    boolean frozenUnet = settings.trainMethod().ofTextEncoder();
    Sampling sampling = arguments.find(SAMPLING).orElse(frozenUnet ? Sampling.BANK : Sampling.FRESH);
    if (sampling == Sampling.FRESH) {
      return LatentSources.fresh(model, frozenUnet ? model.unet() : original, settings, retain.prompts());
    }
    if (!frozenUnet) {
      throw UserException.usage(
          "--sampling bank needs a frozen UNet, and --train-method %s trains it: use --sampling fresh"
              .formatted(settings.trainMethod()));
    }
    return LatentSources.banks(
        model,
        settings,
        retain.prompts(),
        arguments.find(BANK).orElse(null),
        arguments.get(BANK_TRAJECTORIES),
        arguments.get(RETAIN_TRAJECTORIES),
        progress);
  }
}
