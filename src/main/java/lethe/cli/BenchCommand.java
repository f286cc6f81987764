package lethe.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import lethe.checkpoint.AtomicOutput;
import lethe.cli.bench.BenchBuild;
import lethe.cli.bench.Effort;
import lethe.cli.bench.Facts;
import lethe.cli.bench.Jmh;
import lethe.error.UserException;
import lethe.gate.ResultFile;
import lethe.gate.ResultText;
import lethe.gate.ResultWriter;
import lethe.gate.Surroundings;

/** {@code lethe bench}: runs the benchmark suite. */
final class BenchCommand implements Command {
  private static final Flag<Path> OUT = Flag.path("out", "FILE.json", "write the results as JMH's JSON");
  private static final Flag<Boolean> LIST = Flag.toggle("list", "list the benchmarks instead of running them");
  private static final Flag<Boolean> SMOKE =
      Flag.toggle("smoke", "one call of each at its smallest shapes, to see that it works; measures nothing");

  @Override
  public Syntax syntax() {
    return new Syntax()
        .flags("Benchmarks", BenchFlags.FILTER, LIST, BenchFlags.SD14, BenchFlags.MODEL, BenchFlags.DTYPE)
        .flags("Run", BenchFlags.QUICK, BenchFlags.CALLS, SMOKE, BenchFlags.THREADS)
        .flags("Output", OUT)
        .example("./lethe bench --filter UNet --out unet.json");
  }

  @Override
  public int run(Arguments arguments, Terminal terminal) throws Exception {
    arguments.find(OUT).ifPresent(AtomicOutput::requireAbsent);
    Jmh jmh = BenchFlags.jmh(BenchBuild.ofThisTree(BenchFlags.home(), terminal::note), arguments);
    Map<String, List<String>> benchmarks = jmh.list(arguments.get(BenchFlags.FILTER));
    if (benchmarks.isEmpty()) {
      throw UserException.failed("--filter %s finds no benchmark; lethe bench --list shows their names"
          .formatted(arguments.get(BenchFlags.FILTER)));
    }
    if (arguments.get(SMOKE)) {
      jmh.smoke(arguments.get(BenchFlags.FILTER), terminal::note);
      return ExitCode.OK;
    }
    if (arguments.get(LIST)) {
      benchmarks.forEach((name, params) -> terminal.print((name + "  " + String.join(" ", params)).stripTrailing()));
    }
    if (!arguments.has(BenchFlags.MODEL)
        && !jmh.models().contains(Jmh.SD14)
        && benchmarks.values().stream().flatMap(List::stream).anyMatch(p -> p.contains(Jmh.SD14))) {
      terminal.note(Jmh.SKIPPED);
    }
    if (!arguments.get(LIST)) {
      measure(jmh, arguments, terminal);
    }
    return ExitCode.OK;
  }

  private static void measure(Jmh jmh, Arguments arguments, Terminal terminal) throws Exception {
    Surroundings surroundings = Facts.of(jmh);
    surroundings.facts().forEach((name, value) -> terminal.note(name + ": " + value));
    Path folder = Files.createDirectories(BenchFlags.home().resolve("target/bench"));
    Path raw = folder.resolve(UUID.randomUUID() + ".jmh.json");
    Effort effort = BenchFlags.effort(arguments);
    List<String> options = new ArrayList<>(effort.jmh());
    arguments.find(BenchFlags.DTYPE).ifPresent(dtype -> options.addAll(List.of("-p", "dtype=" + dtype)));
    if (!effort.equals(Effort.QUICK)) {
      options.addAll(List.of("-prof", "lethe.bench.Roofline"));
    }
    try {
      jmh.run(arguments.get(BenchFlags.FILTER), options, raw, terminal::note);
      Path out = arguments.find(OUT).orElse(folder.resolve("last.json"));
      if (!arguments.has(OUT)) {
        Files.deleteIfExists(out);
      }
      ResultWriter.write(List.of(raw), surroundings, Optional.empty(), out);
      terminal.print(ResultText.of(ResultFile.read(out)));
      terminal.note("results: " + out);
    } finally {
      Files.deleteIfExists(raw);
    }
  }
}
