package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCompareCommandTest {
  @TempDir Path folder;

  private final Capture capture = new Capture();

  private int run(String... words) {
    List<String> all = new ArrayList<>(List.of("bench", "compare"));
    all.addAll(List.of(words));
    return new Main(Commands.ALL, capture.terminal(false)).run(all.toArray(String[]::new));
  }

  /** Five forks of one benchmark that takes about {@code milliseconds}. */
  private String results(String name, double milliseconds) throws IOException {
    List<String> forks = new ArrayList<>();
    for (double noise : new double[] {1, 1.01, 0.99, 1.005, 0.995}) {
      forks.add(String.format(Locale.ROOT, "[%f]", milliseconds * noise));
    }
    String text = """
        [{"benchmark": "lethe.bench.B.b", "mode": "avgt", "threads": 1, "lethe": {"pairing": "7"},
          "primaryMetric": {"scoreUnit": "ms/op", "rawData": %s}}]""".formatted(forks);
    return Files.writeString(folder.resolve(name), text).toString();
  }

  @Test
  void aRegressionIsExitCode3() throws IOException {
    assertEquals(3, run(results("a.json", 10), results("b.json", 12)), capture.err());
    assertTrue(capture.out().startsWith("benchmark          base          new  ratio [interval]      verdict\n"));
    assertTrue(capture.out().contains("  12.00 ms/op  1.200 [1.200, 1.200]  SLOWER\n"), capture.out());
    assertTrue(capture.out().contains("\n1 slower, 0 faster, 0 the same, 0 unclear\n"), capture.out());
  }

  @Test
  void noRegressionIsExitCode0() throws IOException {
    assertEquals(0, run(results("a.json", 10), results("b.json", 10)), capture.err());
    assertEquals(0, run(results("c.json", 10), results("d.json", 5)), capture.err());
    assertEquals(0, run(results("e.json", 10), results("f.json", 12), "--smallest-effect", "25"), capture.err());
  }

  @Test
  void writesJsonAndMarkdown() throws IOException {
    Path json = folder.resolve("out/c.json");
    Path markdown = folder.resolve("c.md");
    String[] words = {
      results("a.json", 10), results("b.json", 12), "--json", json.toString(), "--markdown", markdown.toString()
    };
    assertEquals(3, run(words), capture.err());
    JsonNode written = new ObjectMapper().readTree(json.toFile());
    assertTrue(written.path("regression").asBoolean());
    assertEquals("slower", written.path("rows").path(0).path("verdict").asText());
    assertEquals(1.2, written.path("rows").path(0).path("ratio").asDouble(), 1e-3);
    assertTrue(Files.readString(markdown).startsWith("### Benchmarks: 1 slower, "));
    assertTrue(Files.readString(markdown).contains("| **slower** |"));
    assertEquals(1, run(words), "what exists is not overwritten");
  }

  @Test
  void aMissingFileIsOneLine() throws IOException {
    assertEquals(1, run(results("a.json", 1), "none.json"));
    assertEquals("lethe: none.json: no such file; lethe bench --out FILE.json writes one\n", capture.err());
  }

  @Test
  void twoFilesOrARevisionAreNeeded() {
    assertEquals(2, run("a.json"));
    assertEquals(
        "lethe: bench compare needs BASE.json and NEW.json, or --against REV (see lethe bench compare --help)\n",
        capture.err());
  }

  @Test
  void filesAndARevisionAreTooMuch() {
    assertEquals(2, run("a.json", "--against", "main"));
    assertEquals("lethe: --against runs the benchmarks itself; leave out a.json\n", capture.err());
  }
}
