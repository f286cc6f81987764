package lethe.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import lethe.cli.bench.BenchBuild;
import lethe.cli.bench.Effort;
import lethe.cli.bench.Jmh;
import lethe.error.UserException;

/** The options of every command that runs benchmarks. */
final class BenchFlags {
  /** Set by the launcher: the tree that Lethe is built from. */
  private static final String HOME = "lethe.home";

  static final Flag<String> FILTER =
      Flag.text("filter", "REGEX", "only benchmarks whose name it finds").orElse(".*");
  static final Flag<Boolean> QUICK =
      Flag.toggle("quick", "one fork of a few short iterations each: for a first look, not for a decision");
  static final Flag<Integer> CALLS =
      Flag.integer("calls", Range.atLeast(1), "one call to warm up and so many that count, in one fork, instead of"
          + " iterations of a second: for calls that take many");
  static final Flag<Integer> THREADS =
      Flag.integer("threads", Range.between(1, 1024), "threads inside one operation").orElseShown("one per core");
  static final Flag<Path> SD14 =
      Flag.path("sd14", "DIR", "checkpoint of Stable Diffusion 1.4's shapes, for the benchmarks at model=sd-1.4");
  static final Flag<String> MODEL =
      Flag.choice("model", List.of(Jmh.TINY, Jmh.SD14), "only the benchmarks of models at this one")
          .orElseShown("both, sd-1.4 if --sd14 is given");

  static final Flag<String> DTYPE =
      Flag.choice("dtype", List.of("fp32", "bf16"), "only this element type, of kernels that have several")
          .orElseShown("all");

  private BenchFlags() {}

  static Path home() {
    String home = System.getProperty(HOME);
    if (home == null || !Files.exists(Path.of(home, "bench", "java"))) {
      throw UserException.failed("the benchmarks' sources are not here; run bench with ./lethe from a clone");
    }
    return Path.of(home);
  }

  static Jmh jmh(BenchBuild build, Arguments arguments) {
    Path sd14 = arguments.find(SD14).orElse(null);
    List<String> models =
        arguments.find(MODEL).map(List::of).orElse(sd14 == null ? List.of(Jmh.TINY) : List.of(Jmh.TINY, Jmh.SD14));
    if (sd14 == null && models.contains(Jmh.SD14)) {
      throw UserException.usage(Jmh.SKIPPED);
    }
    return new Jmh(build, threads(arguments), models, sd14);
  }

  static Effort effort(Arguments arguments) {
    if (arguments.get(QUICK) && arguments.has(CALLS)) {
      throw UserException.usage("--quick and --calls both say how long a benchmark is measured; leave one out");
    }
    return arguments.find(CALLS).map(Effort::calls).orElse(arguments.get(QUICK) ? Effort.QUICK : Effort.FULL);
  }

  static int threads(Arguments arguments) {
    return arguments.find(THREADS).orElse(Runtime.getRuntime().availableProcessors());
  }

  /** A place under {@code target/bench} for a run's files, named by the time. */
  static Path newFolder(String kind) {
    String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS"));
    return home().resolve("target/bench").resolve(kind + "-" + time);
  }
}
