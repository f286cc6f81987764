package lethe.cli;

import java.util.Locale;
import java.util.function.BooleanSupplier;
import lethe.attack.prompt.AttackRun;
import lethe.attack.prompt.PromptAttack;
import lethe.attack.prompt.PromptOutcome;

/** Shows how far an attack is, counting every prompt as if it took all its steps: most end sooner. */
final class AttackProgress implements AttackRun.Listener {
  private final PromptAttack attack;
  private final int prompts;
  private final ProgressBar progress;
  private final BooleanSupplier stop;
  private int found;

  AttackProgress(PromptAttack attack, int prompts, ProgressBar progress, BooleanSupplier stop) {
    this.attack = attack;
    this.prompts = prompts;
    this.progress = progress;
    this.stop = stop;
  }

  /** What a prompt counts: its optimisation steps, and one for each image. */
  static long steps(PromptAttack attack) {
    return (long) attack.rounds() * (attack.stepsPerRound() + 1);
  }

  @Override
  public boolean goOn() {
    return !stop.getAsBoolean();
  }

  @Override
  public void afterStep(int prompt, int round, int step, double loss) {
    show(prompt, (long) round * (attack.stepsPerRound() + 1) + step, String.format(Locale.ROOT, ", loss %.4g", loss));
  }

  @Override
  public void afterImage(int prompt, int round) {
    show(prompt, (long) (round + 1) * (attack.stepsPerRound() + 1), "");
  }

  @Override
  public void afterPrompt(int prompt, PromptOutcome outcome) {
    found += outcome.succeededAfter() ? 1 : 0;
    show(prompt, steps(attack), "");
  }

  private void show(int prompt, long done, String detail) {
    progress.step(
        prompt * steps(attack) + done, "prompt %d/%d, %d succeeded%s".formatted(prompt + 1, prompts, found, detail));
  }
}
