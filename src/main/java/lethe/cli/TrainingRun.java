package lethe.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;
import lethe.checkpoint.AtomicOutput;
import lethe.checkpoint.Checkpoint;
import lethe.error.UserException;
import lethe.kernel.Provider;
import lethe.report.RunRecord;
import lethe.tensor.Threads;
import lethe.train.Training;

/** The loop around a training: progress, saved states with sheets of samples, Ctrl-C, the model at the end. */
final class TrainingRun {
  private static final double LOSS_MEMORY = 0.99; // of the running mean that is shown

  private final String name;
  private final Arguments arguments;
  private final Terminal terminal;
  private final Path out;
  private final Path state;

  /** @throws UserException if the output exists, or a state that the run is not to go on from, or none where it is */
  TrainingRun(String name, Arguments arguments, Terminal terminal) {
    this.name = name;
    this.arguments = arguments;
    this.terminal = terminal;
    out = arguments.get(TrainFlags.OUT);
    state = out.resolveSibling(out.getFileName() + ".state.safetensors");
    AtomicOutput.requireAbsent(out);
    if (arguments.get(TrainFlags.RESUME) != Files.exists(state)) {
      throw UserException.usage(
          arguments.get(TrainFlags.RESUME)
              ? state + ": does not exist, so there is nothing to go on from; leave out --resume"
              : state + ": exists; give --resume to go on from it, or delete it");
    }
  }

  /**
   * Runs a training to its last step or until Ctrl-C.
   *
   * @param sheet writes what the model draws into a file that does not exist
   * @return the exit code
   */
  int run(Training training, Provider provider, Consumer<Path> sheet) {
    int steps = arguments.get(TrainFlags.STEPS);
    int interval = arguments.get(TrainFlags.SAVE);
    RunRecord record = new RunRecord(name, Version.get(), arguments.resolved());
    if (arguments.get(TrainFlags.RESUME)) {
      training.resume(state);
    }
    double mean = Double.NaN;
    try (Interrupt interrupt = Interrupt.install(terminal)) {
      try (ProgressBar progress = new ProgressBar(terminal, name, training.steps(), steps)) {
        while (training.steps() < steps && !interrupt.requested()) {
          double loss = training.step();
          mean = Double.isNaN(mean) ? loss : LOSS_MEMORY * mean + (1 - LOSS_MEMORY) * loss;
          progress.step(training.steps(), String.format(Locale.ROOT, "loss %.4f", mean));
          if (training.steps() % interval == 0 && training.steps() < steps) {
            training.save(state);
            sheet.accept(sheetFile(training.steps()));
          }
        }
      }
      training.save(state);
      if (interrupt.requested()) {
        terminal.note("stopped after step %d; --resume goes on from %s".formatted(training.steps(), state));
        return ExitCode.INTERRUPTED;
      }
    }
    sheet.accept(sheetFile(training.steps()));
    training.export(out, arguments.get(TrainFlags.SAVE_DTYPE).dtype());
    record
        .ran(provider, Threads.get())
        .put("steps_done", training.steps())
        .put("loss", mean)
        .put("output", Checkpoint.hashesOf(out))
        .writeBeside(out);
    terminal.print(out.toString());
    return ExitCode.OK;
  }

  /** A name that is free: a step may be reached again after a resume from an older state. */
  private Path sheetFile(long steps) {
    Path file = out.resolveSibling("%s.%06d.png".formatted(out.getFileName(), steps));
    for (int again = 2; Files.exists(file); again++) {
      file = out.resolveSibling("%s.%06d-%d.png".formatted(out.getFileName(), steps, again));
    }
    return file;
  }
}
