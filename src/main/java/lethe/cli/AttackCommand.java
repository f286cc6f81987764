package lethe.cli;

import java.util.List;
import java.util.Locale;
import lethe.attack.prompt.AttackPrompt;
import lethe.checkpoint.AtomicOutput;
import lethe.checkpoint.Checkpoint;
import lethe.error.UserException;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.report.RunRecord;
import lethe.tensor.Device;
import lethe.tensor.Scope;

/** {@code lethe attack NAME}: looks for prompts under which an erased concept is drawn again. */
final class AttackCommand implements Command {
  private final AttackKind kind;

  AttackCommand(AttackKind kind) {
    this.kind = kind;
  }

  @Override
  public Syntax syntax() {
    String original = kind.needsImages() ? " --original models/emoji-canvas" : "";
    return kind.syntax()
        .example(
            "lethe " + kind.commandName() + " --model erased" + original + " --concept church --prompts prompts.txt"
                + " --scheduler ddim --sampling-step-num 15 --guidance 4 --budget 200");
  }

  @Override
  public int run(Arguments arguments, Terminal terminal) {
    requireSources(arguments);
    List<AttackPrompt> prompts = AttackPrompts.of(arguments);
    Provider provider = arguments.find(AttackFlags.PROVIDER).map(Provider::checked).orElseGet(Provider::choose);
    Device device = ModelFlags.device(arguments);
    arguments.find(AttackFlags.OUT).ifPresent(AtomicOutput::requireAbsent);
    Checkpoint checkpoint = ModelFlags.open(arguments);
    try (Scope scope = new Scope();
        AttackJudge judge = AttackJudge.of(arguments, checkpoint);
        Interrupt interrupt = Interrupt.install(terminal)) {
      String concept =
          arguments.find(AttackFlags.JUDGE_CONCEPT).orElse(arguments.get(AttackFlags.CONCEPT)).toLowerCase(Locale.ROOT);
      judge.requireKnown(concept);
      try (StableDiffusion model = StableDiffusion.load(checkpoint, device)) {
        ModelFlags.applyThreads(arguments, model, provider);
        AttackSession session = new AttackSession(kind, arguments, terminal, interrupt, provider, prompts);
        RunRecord record = new RunRecord(kind.commandName(), Version.get(), arguments.resolved());
        return session.run(model, judge.judge(), concept, record.put("model_sha256", checkpoint.hashes()));
      }
    }
  }

  private void requireSources(Arguments arguments) {
    if (!kind.needsImages()) {
      return;
    }
    boolean original = arguments.has(AttackFlags.ORIGINAL);
    if (!original && kind.comparesWithOriginal()) {
      throw UserException.usage(
          "--original CHECKPOINT is missing: " + kind.commandName()
              + " compares with what the model predicted before erasing");
    }
    if (!original && !arguments.has(AttackFlags.IMAGES)) {
      throw UserException.usage(
          "no pictures of the concept; add --original CHECKPOINT, which draws them, or --images DIR");
    }
  }
}
