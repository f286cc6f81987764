package lethe.cli.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lethe.error.UserException;

/**
 * A tree of Lethe's sources whose benchmarks are compiled.
 *
 * @param home the tree; benchmarks run in it, and find its bundled models
 * @param name what messages call it: {@code this tree}, or a revision
 */
public record BenchBuild(Path home, String name) {
  private static final String DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.11.0";
  private static final List<String> SOURCES =
      List.of("pom.xml", "cppbuild.sh", "src/main", "native/include", "native/src", "bench/java");

  /** The tree that runs now, built if anything is newer than its benchmarks. */
  public static BenchBuild ofThisTree(Path home, Consumer<String> note) throws IOException, InterruptedException {
    BenchBuild build = new BenchBuild(home, "this tree");
    if (!build.isCurrent()) {
      note.accept("lethe: building the benchmarks ...");
      build.compile();
    }
    return build;
  }

  /** Compiles sources, native kernels and benchmarks. */
  void compile() throws IOException, InterruptedException {
    Path log = Files.createDirectories(home.resolve("target")).resolve("bench-build.log");
    List<String> lines = new ArrayList<>();
    int status = Child.run(
        List.of(
            "mvn", "-q", "-B", "-Dstyle.color=never", "-Pbench", "test-compile",
            DEPENDENCY_PLUGIN + ":build-classpath", "-DincludeScope=test", "-Dmdep.outputFile=" + classpathFile(),
            "-Dmdep.regenerateFile=true"),
        home,
        Map.of("JAVA_HOME", System.getProperty("java.home")),
        lines::add);
    Files.write(log, lines);
    if (status != 0) {
      String reason = lines.stream().filter(line -> line.startsWith("[ERROR]")).findFirst().orElse("Maven failed");
      throw UserException.failed("building %s failed: %s (all of it: %s)"
          .formatted(name, reason.replaceFirst("\\[ERROR\\] *", ""), log));
    }
    if (!Files.exists(classes().resolve("META-INF/BenchmarkList"))) {
      throw UserException.failed("%s has no benchmarks: it is older than bench/java; compare with a newer revision"
          .formatted(name));
    }
  }

  /** All that a JVM needs to run a benchmark. */
  String classpath() throws IOException {
    String dependencies = Files.readString(classpathFile()).strip();
    return Stream.of(classes().toString(), home.resolve("target/classes").toString(), dependencies)
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Revisions of the time before benchmarks had a folder of their own compiled them to where tests go. */
  private Path classes() {
    Path own = home.resolve("target/bench-classes");
    return Files.exists(own) ? own : home.resolve("target/test-classes");
  }

  private Path classpathFile() {
    return home.resolve("target/bench-classpath.txt");
  }

  private boolean isCurrent() throws IOException {
    if (!Files.exists(classpathFile())) {
      return false;
    }
    FileTime built = Files.getLastModifiedTime(classpathFile());
    for (String source : SOURCES) {
      try (Stream<Path> files = Files.walk(home.resolve(source))) {
        for (Path file : files.toList()) {
          if (Files.getLastModifiedTime(file).compareTo(built) > 0) {
            return false;
          }
        }
      }
    }
    return true;
  }
}
