package lethe.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import lethe.cli.bench.BenchBuild;
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
  static final Flag<Integer> THREADS =
      Flag.integer("threads", Range.between(1, 1024), "threads inside one operation").orElseShown("one per core");
  static final Flag<Path> SD14 =
      Flag.path("sd14", "DIR", "checkpoint of Stable Diffusion 1.4's shapes, for the benchmarks at model=sd-1.4");

  private BenchFlags() {}

  static Path home() {
    String home = System.getProperty(HOME);
    if (home == null || !Files.exists(Path.of(home, "bench", "java"))) {
      throw UserException.failed("the benchmarks' sources are not here; run bench with ./lethe from a clone");
    }
    return Path.of(home);
  }

  static Jmh jmh(BenchBuild build, Arguments arguments) {
    return new Jmh(build, threads(arguments), arguments.find(SD14).orElse(null));
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
