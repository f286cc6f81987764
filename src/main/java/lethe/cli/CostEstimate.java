package lethe.cli;

import java.util.List;
import lethe.checkpoint.ModelShape;
import lethe.erase.advunlearn.AdvUnlearnSettings;
import lethe.erase.advunlearn.latents.BankSettings;
import lethe.error.UserException;
import lethe.report.cost.AdvUnlearnCost;
import lethe.report.cost.CostTable;
import lethe.report.cost.ForgetMeNotCost;
import lethe.report.cost.ModelCost;
import lethe.report.cost.Phase;

/** {@code lethe profile --estimate}: what a step of a method costs, worked out from its settings without running it. */
final class CostEstimate {
  /** The methods whose cost is known. */
  enum Method {
    FORGET_ME_NOT,
    ADVUNLEARN
  }

  static final Flag<Method> METHOD =
      Flag.choice("estimate", Method.class, "instead of running a command, work out what a step of this costs");
  static final Flag<String> LIKE = Flag.choice("like", ModelShape.NAMES, "the model it is worked out for");

  /** The settings of AdvUnlearn that its cost depends on. */
  static final Flag<?>[] ADVUNLEARN = {
    AdvUnlearnFlags.ATTACK, AdvUnlearnFlags.ATTACK_STEP, AdvUnlearnFlags.ADV_PROMPT_UPDATE_STEP,
    AdvUnlearnFlags.RETAIN_TRAIN, AdvUnlearnFlags.RETAIN_STEP, AdvUnlearnFlags.RETAIN_BATCH,
    AdvUnlearnFlags.DDIM_STEPS, AdvUnlearnFlags.START_GUIDANCE, AdvUnlearnFlags.IMAGE_SIZE,
    AdvUnlearnFlags.ITERATIONS, AdvUnlearnSources.SAMPLING, AdvUnlearnSources.BANK_TRAJECTORIES,
    AdvUnlearnSources.RETAIN, AdvUnlearnSources.RETAIN_TRAJECTORIES
  };

  private CostEstimate() {}

  /**
   * The table.
   *
   * @param gigaflopsPerSecond the machine's ceiling, 0 if it is not known; so with {@code gigabytesPerSecond}
   */
  static List<String> lines(Arguments arguments, double gigaflopsPerSecond, double gigabytesPerSecond) {
    if (!arguments.rest().isEmpty() || !arguments.has(LIKE)) {
      throw UserException.usage("--estimate needs --like MODEL, and no COMMAND");
    }
    return CostTable.lines(phases(arguments), gigaflopsPerSecond, gigabytesPerSecond);
  }

  private static List<Phase> phases(Arguments arguments) {
    ModelCost model = new ModelCost(ModelShape.named(arguments.get(LIKE))::config);
    return switch (arguments.get(METHOD)) {
      case FORGET_ME_NOT ->
          ForgetMeNotCost.phases(model, arguments.get(EraseForgetMeNotCommand.ONLY_OPTIMIZE_CA));
      case ADVUNLEARN -> advUnlearn(arguments, model);
    };
  }

  private static List<Phase> advUnlearn(Arguments arguments, ModelCost model) {
    AdvUnlearnSettings settings =
        AdvUnlearnFlags.settings(
            arguments, AdvUnlearnSettings.DEFAULTS.concepts(), model.nativeResolution());
    if (arguments.find(AdvUnlearnSources.SAMPLING).orElse(AdvUnlearnSources.Sampling.BANK)
        == AdvUnlearnSources.Sampling.FRESH) {
      return AdvUnlearnCost.fresh(model, settings);
    }
    BankSettings bank =
        new BankSettings(
            null,
            null,
            arguments.get(AdvUnlearnSources.BANK_TRAJECTORIES),
            arguments.get(AdvUnlearnSources.RETAIN_TRAJECTORIES),
            settings.seed());
    return AdvUnlearnCost.bank(model, settings, bank, AdvUnlearnSources.all(arguments).prompts().size());
  }
}
