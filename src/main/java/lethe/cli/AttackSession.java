package lethe.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.attack.judge.ConceptJudge;
import lethe.attack.prompt.AttackPrompt;
import lethe.attack.prompt.AttackRun;
import lethe.attack.prompt.ConceptInversion;
import lethe.attack.prompt.ConceptLatents;
import lethe.attack.prompt.Drawing;
import lethe.attack.prompt.PromptAttack;
import lethe.attack.prompt.PromptOutcome;
import lethe.checkpoint.AtomicOutput;
import lethe.checkpoint.Checkpoint;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.report.AttackImages;
import lethe.report.AttackReport;
import lethe.report.RunRecord;
import lethe.tensor.Threads;

/** One {@code lethe attack} at work. */
final class AttackSession {
  private final AttackKind kind;
  private final Arguments arguments;
  private final Terminal terminal;
  private final Interrupt interrupt;
  private final Provider provider;
  private final List<AttackPrompt> prompts;

  AttackSession(
      AttackKind kind,
      Arguments arguments,
      Terminal terminal,
      Interrupt interrupt,
      Provider provider,
      List<AttackPrompt> prompts) {
    this.kind = kind;
    this.arguments = arguments;
    this.terminal = terminal;
    this.interrupt = interrupt;
    this.provider = provider;
    this.prompts = prompts;
  }

  /**
   * The original model, where the attack compares with it, and images of the concept, where it needs them.
   */
  private record Originals(StableDiffusion model, ConceptLatents latents) implements AutoCloseable {
    @Override
    public void close() {
      if (model != null) {
        model.close();
      }
      if (latents != null) {
        latents.close();
      }
    }
  }

  int run(StableDiffusion model, ConceptJudge judge, String concept, RunRecord record) {
    Drawing drawing =
        new Drawing(
            arguments.get(AttackFlags.SCHEDULER),
            arguments.get(AttackFlags.SAMPLING_STEP_NUM),
            arguments.get(AttackFlags.NEGATIVE_PROMPT),
            model.nativeResolution(),
            model.nativeResolution());
    try (Originals originals = originals(model, drawing);
        PromptAttack attack =
            kind.create(arguments, new AttackKind.Models(model, originals.model()), originals.latents(), provider);
        AttackImages images = new AttackImages()) {
      if (!interrupt.requested()) {
        prepare(attack);
      }
      List<PromptOutcome> outcomes = attack(attack, new AttackRun(model, concept, judge, drawing, images));
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("attack", kind.commandName());
      result.put("concept", concept);
      result.put("settings", arguments.resolved());
      result.put("interrupted", interrupt.requested());
      AttackReport report = new AttackReport(concept, outcomes, model.tokenizer());
      result.putAll(report.data());
      record
          .ran(provider.on(model.device()), Threads.get())
          .put("interrupted", interrupt.requested())
          .put("result", report.data());
      arguments.find(AttackFlags.OUT).ifPresent(out -> write(out, attack, images, record));
      terminal.print(arguments.get(Syntax.JSON) ? Json.of(result) : report.table());
      return interrupt.requested() ? ExitCode.INTERRUPTED : ExitCode.OK;
    }
  }

  private Originals originals(StableDiffusion model, Drawing drawing) {
    if (!kind.needsImages()) {
      return new Originals(null, null);
    }
    if (arguments.has(AttackFlags.IMAGES) && !kind.comparesWithOriginal()) {
      return new Originals(null, ConceptLatents.of(model, arguments.get(AttackFlags.IMAGES)));
    }
    StableDiffusion original =
        StableDiffusion.load(Checkpoint.open(arguments.get(AttackFlags.ORIGINAL)), model.device());
    if (arguments.has(AttackFlags.IMAGES)) {
      return new Originals(original, ConceptLatents.of(model, arguments.get(AttackFlags.IMAGES)));
    }
    ConceptLatents latents = drawn(original, drawing);
    if (kind.comparesWithOriginal()) {
      return new Originals(original, latents);
    }
    original.close();
    return new Originals(null, latents);
  }

  private ConceptLatents drawn(StableDiffusion original, Drawing drawing) {
    try (ProgressBar progress = new ProgressBar(terminal, "draw the concept", prompts.size())) {
      int[] done = {0};
      return ConceptLatents.drawnBy(
          original,
          prompts,
          drawing,
          () -> {
            progress.step(++done[0], "");
            return !interrupt.requested();
          });
    }
  }

  private void prepare(PromptAttack attack) {
    if (attack.preparationSteps() == 0) {
      return;
    }
    try (ProgressBar progress = new ProgressBar(terminal, kind.commandName(), attack.preparationSteps())) {
      int[] done = {0};
      attack.prepare(
          loss -> {
            progress.step(++done[0], loss);
            return !interrupt.requested();
          });
    }
  }

  private List<PromptOutcome> attack(PromptAttack attack, AttackRun run) {
    try (ProgressBar progress =
        new ProgressBar(
            terminal, kind.commandName(), AttackProgress.steps(attack) * prompts.size())) {
      return run.attack(attack, prompts, new AttackProgress(attack, prompts.size(), progress, interrupt::requested));
    }
  }

  private static void write(Path out, PromptAttack attack, AttackImages images, RunRecord record) {
    AtomicOutput.folder(
        out,
        folder -> {
          images.write(folder);
          if (attack instanceof ConceptInversion inversion) {
            inversion.save(folder.resolve("learned_embeds.safetensors"));
          }
        });
    record.writeBeside(out);
  }
}
