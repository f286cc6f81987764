package lethe.cli;

import java.nio.file.Path;
import java.util.List;
import lethe.checkpoint.AtomicOutput;
import lethe.error.UserException;
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
      Flag.decimal("peak-gflops", Range.above(0.0), "the machine's ceiling in GFLOP/s, to show the share reached, or"
          + " the floor");
  static final Flag<Double> BANDWIDTH =
      Flag.decimal("peak-gbs", Range.above(0.0), "the machine's ceiling in GB/s, likewise");

  @Override
  public Syntax syntax() {
    return new Syntax()
        .rest("COMMAND", "another command with all its options, behind --")
        .flags("Profile", TRACE, JFR)
        .flags("Machine", GFLOPS, BANDWIDTH)
        .flags("Cost model", CostEstimate.METHOD, CostEstimate.LIKE)
        .flags("Cost of Forget-Me-Not", EraseForgetMeNotCommand.ONLY_OPTIMIZE_CA)
        .flags("Cost of AdvUnlearn", CostEstimate.ADVUNLEARN)
        .example(
            "lethe profile --trace trace.json -- generate --model models/emoji-canvas"
                + " --prompt \"a picture of a church\" --steps 5 --out church.png");
  }

  /** The exit code is the command's. */
  @Override
  public int run(Arguments arguments, Terminal terminal) {
    List<String> command = arguments.rest();
    double gigaflopsPerSecond = arguments.find(GFLOPS).orElse(0.0);
    double gigabytesPerSecond = arguments.find(BANDWIDTH).orElse(0.0);
    if (arguments.has(CostEstimate.METHOD)) {
      CostEstimate.lines(arguments, gigaflopsPerSecond, gigabytesPerSecond).forEach(terminal::print);
      return ExitCode.OK;
    }
    if (command.isEmpty()) {
      throw UserException.usage("COMMAND is missing: give another command behind --");
    }
    arguments.find(TRACE).ifPresent(AtomicOutput::requireAbsent);
    arguments.find(JFR).ifPresent(AtomicOutput::requireAbsent);
    try (Recorder recorder = new Recorder()) {
      int exitCode = new Main(Commands.ALL, terminal).run(command.toArray(String[]::new));
      Profile profile = recorder.stop();
      ProfileTable.Ceilings ceilings = new ProfileTable.Ceilings(gigaflopsPerSecond, gigabytesPerSecond);
      new ProfileTable(profile, ceilings).lines().forEach(terminal::note);
      arguments.find(TRACE).ifPresent(file -> TraceFile.write(file, profile));
      arguments.find(JFR).ifPresent(recorder::write);
      return exitCode;
    }
  }
}
