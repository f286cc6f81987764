package lethe.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import lethe.error.UserException;

/** The git checkout that Lethe runs from, if it does. */
public record Git(Path home) {
  /** The commit that is checked out; empty outside of a checkout. */
  Optional<String> commit() throws IOException, InterruptedException {
    return isCheckout() ? ask("rev-parse", "HEAD") : Optional.empty();
  }

  /** Whether files differ from the commit. */
  boolean isDirty() throws IOException, InterruptedException {
    return ask("status", "--porcelain").filter(status -> !status.isEmpty()).isPresent();
  }

  /**
   * Checks a revision out beside this tree, under {@code target/bench/revisions}, and builds it. A revision that was
   * built before is taken as it is.
   *
   * @param note told what takes a while
   * @throws UserException if this is no checkout, or the revision is unknown, has no benchmarks or does not build
   */
  public BenchBuild build(String revision, Consumer<String> note) throws IOException, InterruptedException {
    if (!isCheckout()) {
      throw UserException.failed("%s is not a git checkout, so --against finds no revisions; clone the repository, or "
          .formatted(home) + "compare two files of results");
    }
    String commit = ask("rev-parse", "--verify", "--quiet", revision + "^{commit}").orElseThrow(() ->
        UserException.failed("--against %s: no such revision; git log shows which there are (a shallow clone has few)"
            .formatted(revision)));
    Path tree = home.resolve("target/bench/revisions").resolve(commit);
    Path finished = tree.resolveSibling(commit + ".built");
    BenchBuild build = new BenchBuild(tree, revision);
    if (!Files.exists(finished)) {
      note.accept("lethe: building %s (%.10s) ...".formatted(revision, commit));
      checkOut(commit, tree);
      build.compile();
      Files.createFile(finished);
    }
    return build;
  }

  private void checkOut(String commit, Path tree) throws IOException, InterruptedException {
    Files.createDirectories(tree.getParent());
    if (!Files.exists(tree)) {
      require("clone", "--quiet", "--shared", "--no-checkout", home.toString(), tree.toString());
    }
    require("-C", tree.toString(), "checkout", "--quiet", "--force", "--detach", commit);
  }

  private boolean isCheckout() throws IOException, InterruptedException {
    Optional<String> top = ask("rev-parse", "--show-toplevel");
    return top.isPresent() && Path.of(top.get()).toRealPath().equals(home.toRealPath());
  }

  private void require(String... words) throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    if (run(lines, words) != 0) {
      throw UserException.failed("git %s failed: %s".formatted(words[0], String.join(" ", lines)));
    }
  }

  private Optional<String> ask(String... words) throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    return run(lines, words) == 0 ? Optional.of(String.join("\n", lines)) : Optional.empty();
  }

  private int run(List<String> lines, String... words) throws IOException, InterruptedException {
    List<String> command = Stream.concat(Stream.of("git"), Stream.of(words)).toList();
    try {
      return Child.run(command, home, Map.of(), lines::add);
    } catch (IOException e) {
      return 127; // no git: the same as no checkout
    }
  }
}
