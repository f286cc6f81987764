package lethe.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import lethe.cli.bench.BenchBuild;
import lethe.cli.bench.Git;
import lethe.cli.bench.Interleaved;
import lethe.cli.bench.Jmh;
import lethe.error.UserException;
import lethe.gate.Comparison;
import lethe.gate.Gate;
import lethe.gate.ResultFile;

/** {@code lethe bench compare}: the regression gate. */
final class BenchCompareCommand implements Command {
  private static final Flag<String> AGAINST =
      Flag.text("against", "REV", "build this git revision and run it and this tree in turn, instead of two files");
  private static final Flag<Integer> ROUNDS =
      Flag.integer("rounds", Range.between(2, 1000), "forks of either build, with --against").orElse(10);
  private static final Flag<Double> SMALLEST_EFFECT =
      Flag.decimal("smallest-effect", Range.between(0.0, 100.0), "the smallest change that matters, in percent")
          .orElse(100 * Gate.DEFAULT_SMALLEST_EFFECT);

  @Override
  public Syntax syntax() {
    return new Syntax()
        .optionalOperand("BASE.json", "results of the code before")
        .optionalOperand("NEW.json", "results of the code after")
        .flags("Interleaved run", AGAINST, ROUNDS, BenchFlags.FILTER, BenchFlags.QUICK, BenchFlags.CALLS,
            BenchFlags.THREADS, BenchFlags.SD14, BenchFlags.MODEL)
        .flags("Decision", SMALLEST_EFFECT)
        .flags("Output", ComparisonOutput.JSON, ComparisonOutput.MARKDOWN)
        .example("./lethe bench compare --against main --filter UNet --markdown comparison.md");
  }

  /** Ends with {@link ExitCode#THRESHOLD_MISSED} if a benchmark has become slower. */
  @Override
  public int run(Arguments arguments, Terminal terminal) throws Exception {
    ComparisonOutput.requireAbsent(arguments);
    List<Path> sides = arguments.has(AGAINST) ? measure(arguments, terminal) : given(arguments);
    Gate gate = new Gate(arguments.get(SMALLEST_EFFECT) / 100, Gate.DEFAULT_ALPHA);
    Comparison comparison = gate.compare(ResultFile.read(sides.get(0)), ResultFile.read(sides.get(1)));
    comparison.warnings().forEach(terminal::warn);
    ComparisonOutput.write(comparison, arguments, terminal);
    return comparison.hasRegression() ? ExitCode.THRESHOLD_MISSED : ExitCode.OK;
  }

  private static List<Path> given(Arguments arguments) {
    if (arguments.operandCount() < 2) {
      throw UserException.usage("bench compare needs BASE.json and NEW.json, or --against REV"
          + " (see lethe bench compare --help)");
    }
    return List.of(Path.of(arguments.operand(0)), Path.of(arguments.operand(1)));
  }

  private static List<Path> measure(Arguments arguments, Terminal terminal) throws Exception {
    if (arguments.operandCount() > 0) {
      throw UserException.usage("--against runs the benchmarks itself; leave out " + arguments.operand(0));
    }
    Path home = BenchFlags.home();
    Jmh base = BenchFlags.jmh(new Git(home).build(arguments.get(AGAINST), terminal::note), arguments);
    Jmh candidate = BenchFlags.jmh(BenchBuild.ofThisTree(home, terminal::note), arguments);
    List<String> names = common(base, candidate, arguments.get(BenchFlags.FILTER), terminal);
    Path folder = BenchFlags.newFolder("against");
    List<String> options = BenchFlags.effort(arguments).oneFork();
    new Interleaved(base, candidate, arguments.get(ROUNDS), options).run(names, folder, terminal::note);
    terminal.note("results: " + folder);
    return List.of(folder.resolve("base.json"), folder.resolve("new.json"));
  }

  /** What both builds have; what only one has is said. */
  private static List<String> common(Jmh base, Jmh candidate, String filter, Terminal terminal) throws Exception {
    Set<String> before = base.list(filter).keySet();
    Set<String> after = candidate.list(filter).keySet();
    before.stream().filter(name -> !after.contains(name))
        .forEach(name -> terminal.warn("not compared: " + name + ": only in " + base.build().name()));
    after.stream().filter(name -> !before.contains(name))
        .forEach(name -> terminal.warn("not compared: " + name + ": only in " + candidate.build().name()));
    List<String> common = new ArrayList<>(before);
    common.retainAll(after);
    if (common.isEmpty()) {
      throw UserException.failed("--filter %s finds no benchmark that both %s and %s have; see lethe bench --list"
          .formatted(filter, base.build().name(), candidate.build().name()));
    }
    return common;
  }
}
