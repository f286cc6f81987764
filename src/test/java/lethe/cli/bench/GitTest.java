package lethe.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lethe.error.UserException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitTest {
  private static final String EMPTY_PROJECT = """
      <project>
        <modelVersion>4.0.0</modelVersion>
        <groupId>x</groupId>
        <artifactId>x</artifactId>
        <version>1</version>
        <packaging>pom</packaging>
      </project>
      """;

  @TempDir Path folder;

  private void git(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git", "-c", "user.name=x", "-c", "user.email=x@example.org"));
    command.addAll(List.of(words));
    List<String> lines = new ArrayList<>();
    assertEquals(0, Child.run(command, folder, Map.of(), lines::add), lines.toString());
  }

  private void commit(String pom) throws IOException, InterruptedException {
    git("init", "--quiet");
    Files.writeString(folder.resolve("pom.xml"), pom);
    Files.writeString(folder.resolve(".gitignore"), "target/\n");
    git("add", ".");
    git("commit", "--quiet", "-m", "a commit");
  }

  private String error(String revision) {
    return assertThrows(UserException.class, () -> new Git(folder).build(revision, note -> {})).getMessage();
  }

  @Test
  void aFolderWithoutHistoryIsNamed() {
    assertEquals(
        folder + " is not a git checkout, so --against finds no revisions;"
            + " clone the repository, or compare two files of results",
        error("main"));
  }

  @Test
  void anUnknownRevisionIsNamed() throws Exception {
    commit(EMPTY_PROJECT);
    assertTrue(error("no-such").startsWith("--against no-such: no such revision; git log shows which there are"));
    assertTrue(error("--help").startsWith("--against --help: no such revision"), "a revision is never an option");
  }

  @Test
  void tellsTheCommitAndWhetherFilesDiffer() throws Exception {
    assertTrue(new Git(folder).commit().isEmpty());
    commit(EMPTY_PROJECT);
    assertEquals(40, new Git(folder).commit().orElseThrow().length());
    assertFalse(new Git(folder).isDirty());
    Files.writeString(folder.resolve("pom.xml"), "");
    assertTrue(new Git(folder).isDirty());
  }

  @Test
  @Tag("slow")
  void aRevisionThatDoesNotBuildIsOneLineAndALog() throws Exception {
    commit("<project>");
    String error = error("HEAD");
    assertTrue(error.startsWith("building HEAD failed: "), error);
    assertEquals(1, error.lines().count());
    Path log = Path.of(error.replaceFirst("(?s).*\\(all of it: (.*)\\)", "$1"));
    assertTrue(Files.readString(log).contains("pom.xml"), error);
  }

  @Test
  @Tag("slow")
  void aRevisionWithoutBenchmarksIsNamed() throws Exception {
    commit(EMPTY_PROJECT);
    assertEquals("HEAD has no benchmarks: it is older than bench/java; compare with a newer revision", error("HEAD"));
  }
}
