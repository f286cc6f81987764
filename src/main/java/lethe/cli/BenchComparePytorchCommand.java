package lethe.cli;

import java.nio.file.Path;
import lethe.cli.bench.BenchBuild;
import lethe.cli.bench.BesidePyTorch;
import lethe.cli.bench.Jmh;
import lethe.cli.bench.PyTorch;
import lethe.gate.Comparison;
import lethe.gate.Gate;
import lethe.gate.ResultFile;

/** {@code lethe bench compare-pytorch}: the same work by PyTorch and by Lethe, in turn. */
final class BenchComparePytorchCommand implements Command {
  private static final Flag<String> PYTHON =
      Flag.text("python", "PATH", "a Python with torch, transformers and diffusers").orElse("python3");
  private static final Flag<Integer> ROUNDS =
      Flag.integer("rounds", Range.between(2, 1000), "runs of either side").orElse(5);

  @Override
  public Syntax syntax() {
    return new Syntax()
        .flags("Run", PYTHON, ROUNDS, BenchFlags.FILTER, BenchFlags.QUICK, BenchFlags.CALLS, BenchFlags.THREADS,
            BenchFlags.SD14, BenchFlags.MODEL)
        .flags("Output", ComparisonOutput.JSON, ComparisonOutput.MARKDOWN)
        .example("./lethe bench compare-pytorch --python venv/bin/python --filter UNet");
  }

  @Override
  public int run(Arguments arguments, Terminal terminal) throws Exception {
    ComparisonOutput.requireAbsent(arguments);
    Path home = BenchFlags.home();
    PyTorch pytorch = new PyTorch(home, arguments.get(PYTHON), BenchFlags.threads(arguments));
    terminal.note("PyTorch: " + pytorch.versions());
    Jmh lethe = BenchFlags.jmh(BenchBuild.ofThisTree(home, terminal::note), arguments);
    terminal.note("Lethe: threads: %d, precision: float32".formatted(lethe.threads()));
    if (!lethe.models().contains(Jmh.SD14)) {
      terminal.note(Jmh.SKIPPED);
    }
    Path folder = BenchFlags.newFolder("beside-pytorch");
    new BesidePyTorch(pytorch, lethe, arguments.get(ROUNDS), BenchFlags.effort(arguments))
        .run(arguments.get(BenchFlags.FILTER), folder, terminal::note);
    terminal.note("results: " + folder);
    Comparison comparison = new Gate(Gate.DEFAULT_SMALLEST_EFFECT, Gate.DEFAULT_ALPHA)
        .compare(ResultFile.read(folder.resolve("pytorch.json")), ResultFile.read(folder.resolve("lethe.json")));
    ComparisonOutput.write(comparison.named("PyTorch", "Lethe"), arguments, terminal);
    return ExitCode.OK;
  }
}
