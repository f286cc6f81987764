package lethe.cli;

import java.nio.file.Path;
import java.util.List;
import lethe.checkpoint.AtomicOutput;
import lethe.checkpoint.ModelShape;
import lethe.error.UserException;
import lethe.report.cost.CostTable;
import lethe.report.cost.MethodCost;
import lethe.report.profile.Profile;
import lethe.report.profile.ProfileTable;
import lethe.report.profile.Recorder;
import lethe.report.profile.TraceFile;

/** {@code lethe profile}: any other command under the profiler, or what a method must cost without running it. */
final class ProfileCommand implements Command {
  static final Flag<Path> TRACE = Flag.path("trace", "FILE.json", "also write a trace for ui.perfetto.dev");
  static final Flag<Path> JFR =
      Flag.path("jfr", "FILE.jfr", "also write the flight recording, for JDK Mission Control");
  static final Flag<Double> GFLOPS =
      Flag.decimal("peak-gflops", Range.above(0.0), "the machine's ceiling in GFLOP/s, to show the share reached");
  static final Flag<Double> BANDWIDTH =
      Flag.decimal("peak-gbs", Range.above(0.0), "the machine's ceiling in GB/s, to show the share reached");
  static final Flag<String> ESTIMATE =
      Flag.choice("estimate", MethodCost.METHODS, "instead of running a command, work out what a step of this costs");
  static final Flag<String> LIKE = Flag.choice("like", ModelShape.NAMES, "the model it is worked out for");

  @Override
  public Syntax syntax() {
    return new Syntax()
        .rest("COMMAND", "another command with all its options, behind --")
        .flags("Profile", TRACE, JFR)
        .flags("Cost model", ESTIMATE, LIKE)
        .flags("Machine", GFLOPS, BANDWIDTH)
        .example(
            "lethe profile --trace trace.json -- generate --model models/emoji-canvas"
                + " --prompt \"a picture of a church\" --steps 5 --out church.png");
  }

  /** The exit code is the command's. */
  @Override
  public int run(Arguments arguments, Terminal terminal) {
    List<String> command = arguments.rest();
    if (arguments.has(ESTIMATE)) {
      return estimate(arguments, terminal);
    }
    if (command.isEmpty()) {
      throw UserException.usage("COMMAND is missing: give another command behind --");
    }
    arguments.find(TRACE).ifPresent(AtomicOutput::requireAbsent);
    arguments.find(JFR).ifPresent(AtomicOutput::requireAbsent);
    try (Recorder recorder = new Recorder()) {
      int exitCode = new Main(Commands.ALL, terminal).run(command.toArray(String[]::new));
      Profile profile = recorder.stop();
      ProfileTable.Ceilings ceilings =
          new ProfileTable.Ceilings(arguments.find(GFLOPS).orElse(0.0), arguments.find(BANDWIDTH).orElse(0.0));
      new ProfileTable(profile, ceilings).lines().forEach(terminal::note);
      arguments.find(TRACE).ifPresent(file -> TraceFile.write(file, profile));
      arguments.find(JFR).ifPresent(recorder::write);
      return exitCode;
    }
  }

  private static int estimate(Arguments arguments, Terminal terminal) {
    if (!arguments.rest().isEmpty() || !arguments.has(LIKE)) {
      throw UserException.usage("--estimate needs --like MODEL, and no COMMAND");
    }
    CostTable.lines(
            MethodCost.of(arguments.get(ESTIMATE), ModelShape.named(arguments.get(LIKE))),
            arguments.find(GFLOPS).orElse(0.0),
            arguments.find(BANDWIDTH).orElse(0.0))
        .forEach(terminal::print);
    return ExitCode.OK;
  }
}
